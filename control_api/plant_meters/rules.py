"""What plant meters counted, by period. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from energytrack.ledger.local_days import utc
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant
from energytrack.plant_meters.balance import Balance, MeterDay, balance, complaint
from energytrack.plant_meters.summary import emissions_kg, mean_base_load, mean_base_load_of_rest

MeterResolution = Literal["15min", "hour", "day", "total"]
_QUARTERS = {"15min": 1, "hour": 4}


class MeterRow(Struct, frozen=True, kw_only=True):
    """A meter in one period, in its own unit; null where it is not known."""

    start: datetime
    meter: str
    medium: str
    unit: str
    parent: str | None
    used: float | None
    coverage: float
    below: float | None
    rest: float | None
    compared_ratio: float | None
    base_load: float | None
    rest_base_load: float | None
    emissions_kg: float | None
    complaint: str | None


def meter_rows(days: Iterable[MeterDay], plant: Plant, resolution: MeterResolution) -> Iterator[MeterRow]:
    """Rows by time, then from the top of the tree down; base loads only for rows of a day or more."""
    if resolution == "total":
        groups: dict[str, list[MeterDay]] = {}
        for day in days:
            groups.setdefault(day.meter_id, []).append(day)
        yield from (_row(group, plant) for group in groups.values())
        return
    for day in days:
        if resolution == "day":
            yield _row([day], plant)
            continue
        width = _QUARTERS[resolution]
        yield from (_part(day, index, index + width, plant) for index in range(0, len(day.used), width))


def _row(days: Sequence[MeterDay], plant: Plant) -> MeterRow:
    quarters = sum(len(day.used) for day in days)
    return _made(
        days[0], balance(days), quarters, plant, start=days[0].start, emissions_kg=emissions_kg(days, plant),
        base_load=mean_base_load(days, plant), rest_base_load=mean_base_load_of_rest(days, plant),
    )  # fmt: skip


def _part(day: MeterDay, first: int, until: int, plant: Plant) -> MeterRow:
    found = balance([day], first, until)
    factor = plant.medium_factor(day.meter_id, day.date)
    return _made(
        day, found, until - first, plant, start=day.start + first * QUARTER_SECONDS,
        emissions_kg=None if factor is None or found.used is None else factor * found.used,
    )  # fmt: skip


def _made(
    day: MeterDay, found: Balance, quarters: int, plant: Plant, *, start: float, emissions_kg: float | None,
    base_load: float | None = None, rest_base_load: float | None = None,
) -> MeterRow:  # fmt: skip
    meter = plant.meters[day.meter_id]
    return MeterRow(
        start=_local(start, plant.zone), meter=day.meter_id, medium=meter.medium, unit=meter.measured_in,
        parent=meter.parent, used=found.used, coverage=found.known_quarters / quarters,
        below=found.below, rest=found.rest,
        compared_ratio=None if day.below is None else found.compared_quarters / quarters,
        base_load=base_load, rest_base_load=rest_base_load, emissions_kg=emissions_kg,
        complaint=complaint(day.meter_id, found, meter.measured_in),
    )  # fmt: skip


def _local(at: float, zone: ZoneInfo) -> datetime:
    return utc(at).astimezone(zone)
