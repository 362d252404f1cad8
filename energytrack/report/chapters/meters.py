"""The chapter of plant meters: gathers their month from the store, and makes a section."""

from datetime import datetime

from energytrack.bill.load import Month
from energytrack.languages.words import Words
from energytrack.plant import Plant
from energytrack.plant_meters.balance import MeterDay, balance
from energytrack.plant_meters.reading import PlantMeterReader
from energytrack.plant_meters.rules import KWH, Medium
from energytrack.plant_meters.summary import emissions_kg, mean_base_load
from energytrack.report.content import MeterUse, Report
from energytrack.report.document import Column, ReportTable, Section
from energytrack.store import Store


def meters_of(store: Store, plant: Plant, month: Month, *, now: datetime) -> tuple[MeterUse, ...]:
    """Each meter of the plant file of which anything is known in the month, from the top down."""
    if not plant.meters:
        return ()
    last = min(month.last, now.astimezone(plant.zone).date())
    by_meter: dict[str, list[MeterDay]] = {}
    for day in PlantMeterReader(store, plant).days(month.first, last, now=now):
        by_meter.setdefault(day.meter_id, []).append(day)
    suspect: dict[str, float] = {}
    for each in store.meter_ledger.days(sorted(by_meter), month.first, last):
        suspect[each.device_id] = suspect.get(each.device_id, 0.0) + sum(each.suspect_kwh)
    return tuple(_use(name, days, plant, suspect.get(name, 0.0)) for name, days in by_meter.items())


def _use(name: str, days: list[MeterDay], plant: Plant, suspect: float) -> MeterUse:
    meter, found = plant.meters[name], balance(days)
    quarters = sum(len(day.used) for day in days)
    return MeterUse(
        meter_id=name, medium=meter.medium, unit=meter.measured_in, used=found.used,
        known_ratio=found.known_quarters / quarters, rest=found.rest,
        compared_ratio=found.compared_quarters / quarters, base_load=mean_base_load(days, plant),
        emissions_kg=emissions_kg(days, plant), suspect=suspect, is_exceeded=found.is_exceeded,
    )  # fmt: skip


def medium_name(medium: Medium, t: Words) -> str:
    """A medium in the report's language."""
    return {
        "electricity": t("electricity"), "gas": t("gas"), "compressed_air": t("compressed air"), "water": t("water"),
        "heat": t("heat"), "other": t("other medium"),
    }[medium]  # fmt: skip


def section(report: Report, t: Words) -> Section | None:
    """Each meter's amount, its rest that no meter below covers, and its base load at night; None without meters."""
    if not report.meters:
        return None
    columns = (
        Column(t("Meter"), "left"), Column(t("Medium"), "left"), Column(t("counted")), Column(t("known")),
        Column(t("unmetered rest")), Column(t("compared")), Column(t("base load at night")), Column(t("kg CO₂e")),
    )  # fmt: skip
    rows = tuple(
        (
            each.meter_id, medium_name(each.medium, t), t.with_unit(each.used, each.unit), t.percent(each.known_ratio),
            "" if each.rest is None else t.with_unit(each.rest, each.unit),
            "" if each.rest is None else t.percent(each.compared_ratio),
            t.with_unit(each.base_load, per_hour(each.unit), 1),
            "" if each.emissions_kg is None else t.number(each.emissions_kg, 1),
        )
        for each in report.meters
    )  # fmt: skip
    notes = [t("Unmetered rest: what a meter counted less what is directly below it, where both are known.")]
    for each in report.meters:
        if each.is_exceeded:
            notes.append(t("Those below {meter} count more than it does: check its factor.", meter=each.meter_id))
        if each.suspect:
            amount = t.with_unit(each.suspect, each.unit, 1)
            notes.append(t("{meter}: {amount} are suspect and count nowhere.", meter=each.meter_id, amount=amount))
    return Section(t("Meters of the plant"), table=ReportTable(columns, rows), notes=tuple(notes))


def per_hour(unit: str) -> str:
    """The unit of a rate: kilowatt hours in an hour are kilowatts."""
    return "kW" if unit == KWH else f"{unit}/h"
