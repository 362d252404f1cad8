"""A simulated month: readings of two machines go through meter and ledger to the bill that was checked by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import pytest

from energytrack.bill.load import load_of
from energytrack.bill.pricing import bill_of
from energytrack.contract.tariff import Tariff
from energytrack.ledger.counting import DayCount, MachineDays, empty_day
from energytrack.ledger.day import Day
from energytrack.ledger.day_prices import PriceOfDay
from energytrack.ledger.local_days import midnight, utc
from energytrack.messages import Reading
from energytrack.metering.limits import Limits
from energytrack.metering.step import step
from energytrack.metering.values import Meter
from energytrack.plant import Place
from testkit.builders.messages import a_reading
from testkit.dates import PLANT_ZONE
from tests.unit.energytrack.bill.test_pricing import CONTRACT, OCTOBER, TEN_O_CLOCK, TERMS, THE_15TH, amounts, prices

LIMITS: Final = Limits(most_watts=1e6)
EVERY: Final = 300
"""Seconds between two readings."""
BEGUN: Final = midnight(OCTOBER.first, PLANT_ZONE)
PEAK: Final = midnight(THE_15TH, PLANT_ZONE) + 900 * TEN_O_CLOCK


def readings(kwh_per_quarter: float, *, peak_kwh: float) -> Iterator[Reading]:
    """A register that shows watt hours, every five minutes, from the first midnight to the last."""
    register = 48_211.0
    end = midnight(OCTOBER.last + timedelta(days=1), PLANT_ZONE)
    for at in range(round(BEGUN), round(end) + 1, EVERY):
        if at > BEGUN:
            register += (peak_kwh if PEAK < at <= PEAK + 900 else kwh_per_quarter) * EVERY / 900
        yield a_reading(timestamp=utc(at), energy_kwh=round(register, 3), current=None)


def counted(device_id: str, taken: Iterator[Reading]) -> list[Day]:
    """What the ledger has of a machine."""

    def empty(day: date) -> Day:
        price = PriceOfDay(per_kwh := tuple(prices(day).values()), "contract", (None,) * len(per_kwh))
        return empty_day(device_id, day, Place("cnc_machine", "machining-a"), PLANT_ZONE, price)

    days = MachineDays(PLANT_ZONE, lambda day: DayCount(empty(day)))
    meter: Meter | None = None
    for reading in taken:
        found = step(meter, reading, LIMITS)
        meter = found.meter
        days.count(found)
    return [each.day() for each in days]


def test_the_month_by_hand_is_what_meter_and_ledger_make_of_the_readings() -> None:
    """Registers of whole watt hours, the hour that comes twice, the peak: the same invoice, to the cent."""
    days = counted("cnc-0001", readings(2.0, peak_kwh=2.0)) + counted("cnc-0002", readings(0.5, peak_kwh=40.0))
    load = load_of(days, OCTOBER, PLANT_ZONE)
    bill = bill_of("Example plant", Tariff("EUR", versions=(CONTRACT,)), OCTOBER, load, TERMS)
    assert bill.sums.kwh == pytest.approx(7489.5)
    assert amounts(bill) == {
        "peak": 288.30, "night": 423.30, "standard": 976.68, "standing charge": 120.00, "demand": 1932.00,
        "Electricity tax": 153.53, "Concession": 25.00, "VAT": 744.57,
    }  # fmt: skip
    assert bill.invoice.total == 4663.38
