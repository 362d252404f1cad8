"""A month's report for tests: two machines on two lines, from days of the ledger."""

from collections.abc import Iterable
from typing import Any, Final

from energytrack.bill.load import Month, load_of
from energytrack.bill.pricing import ContractContext, bill_of
from energytrack.contract.calendar import weekday_of
from energytrack.contract.emissions import EmissionFactor, factors_of
from energytrack.contract.tariff import Band, DemandCharge, Levy, Tariff, TariffVersion
from energytrack.ledger.day import Day
from energytrack.ledger.emissions import DayFactors
from energytrack.ledger.local_days import dates
from energytrack.report.content import AlarmsOfRule, BaselineCourse, MeterUse, ModelRecord, Report, ReportedMeasure
from energytrack.report.tally import DayTally
from testkit.builders.ledger import a_correction, a_day
from testkit.dates import CLOCKS_BACK, PLANT_ZONE

MONTH: Final = Month.of(CLOCKS_BACK)
BAND: Final = Band("all day", 0.25)
CONTRACT: Final = TariffVersion(
    bands=(BAND,),
    name="Municipal utility",
    standing_charge_per_month=120.0,
    demand=DemandCharge(price_per_kw=11.5, floor_kw=8.0),
    levies=(Levy("Electricity tax", per_kwh=0.0205), Levy("VAT", percent=19.0)),
)
OFFER: Final = TariffVersion(bands=(Band("all day", 0.2),), name="Green power")
FACTORS: Final = (EmissionFactor(MONTH.first, 0.4, 0.1, source="Agency"),)
TARIFF: Final = Tariff("EUR", versions=(CONTRACT,), offers=(OFFER,), emissions=FACTORS)


def a_month(month: Month = MONTH) -> list[Day]:
    """2 kWh in each quarter hour by one machine, a fourth of it idle; 1 kWh, none of it idle, by the other."""
    days = list(dates(month.first, month.last))
    press = [a_day("press-0001", day, line="press-shop", measured_kwh=1.0, idle_kwh=0.0) for day in days]
    return [a_day("cnc-0007", day) for day in days] + press


def a_meter_use(**fields: Any) -> MeterUse:
    """The main meter: 5,000 kWh, of which machines account for 4,200."""
    values: dict[str, Any] = {
        "meter_id": "main", "medium": "electricity", "unit": "kWh", "used": 5000.0, "known_ratio": 0.99, "rest": 800.0,
        "compared_ratio": 0.97, "base_load": 2.4, "emissions_kg": None, "suspect": 0.0, "is_exceeded": False,
    }  # fmt: skip
    return MeterUse(**(values | fields))


def a_course(**fields: Any) -> BaselineCourse:
    """A press that has used 12 kWh a day less than its baseline expects."""
    cusum = tuple((day, -12.0 * (number + 1)) for number, day in enumerate(dates(MONTH.first, MONTH.last)))
    values: dict[str, Any] = {
        "name": "press-0001 out of shift", "grade": "good", "days": len(cusum), "used_kwh": 1860.0,
        "expected_kwh": 2232.0, "cusum": cusum,
    }  # fmt: skip
    return BaselineCourse(**(values | fields))


def a_report(days: Iterable[Day] | None = None, **fields: Any) -> Report:
    """A report about the month in which the clocks go back; a test gives only what it is about."""
    month = fields.pop("month", MONTH)
    tariff = fields.pop("tariff", TARIFF)
    tally = DayTally(DayFactors(lambda at: factors_of(tariff.emissions, at.date()), PLANT_ZONE))
    load = load_of(tally.passing(a_month(month) if days is None else days), month, PLANT_ZONE)
    bill = bill_of("Works", tariff, month, load, ContractContext(PLANT_ZONE, weekday_of, lambda _: None))
    made = a_day(day=month.last).end
    values: dict[str, Any] = {
        "plant": "Works", "language": "en", "zone": PLANT_ZONE.key, "month": month, "bill": bill, "load": load,
        "made_at": a_correction(day=month.last).decided_at.fromtimestamp(made, PLANT_ZONE), "before": None,
        "days": tally.days(lambda _: None), "lines": tally.lines(), "machines": tally.machines(),
        "emissions": tally.emissions, "emission_sources": ("Agency",),
        "corrections": (a_correction(day=month.first, decision="value", kwh=3.0),),
        "alarms": (AlarmsOfRule("FailureRiskHigh", 12, 7, 3),),
        "model": ModelRecord("v1", None, 6, 5, 4, 1),
        "meters": (a_meter_use(),), "units": {"main": "kWh", "water": "m³"}, "courses": (a_course(),),
        "measures": (ReportedMeasure("press-0001 off at night", month.first, 430.0, 412.0, 374.0, 450.0, 96.0),),
    }  # fmt: skip
    return Report(**(values | fields))
