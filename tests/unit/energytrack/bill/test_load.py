"""A month's load of which files tell, or only events."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from energytrack.bill.load import load_of
from energytrack.bill.pricing import bill_of
from energytrack.contract.tariff import Tariff
from energytrack.ledger.counting import empty_day
from energytrack.ledger.day import Day
from energytrack.ledger.day_prices import PriceOfDay
from energytrack.ledger.imported import FromFile, filled, with_imports
from energytrack.ledger.local_days import midnight, quarter_count
from energytrack.ledger.presence import Presence
from energytrack.plant import Place
from testkit.dates import PLANT_ZONE
from tests.unit.energytrack.bill.test_pricing import CONTRACT, OCTOBER, TERMS, THE_15TH

END = midnight(OCTOBER.last + timedelta(days=1), PLANT_ZONE)


def unread(day: int) -> Day:
    """A day of October without a reading."""
    date = OCTOBER.first + timedelta(days=day)
    prices = (0.2,) * quarter_count(date, PLANT_ZONE)
    return empty_day("works", date, Place(), PLANT_ZONE, PriceOfDay(prices, None, ()))


def from_file(day: Day, kwh: float, quarters: int) -> Day:
    amounts = (kwh,) * quarters + (None,) * (len(day) - quarters)
    return filled(with_imports(day, [FromFile("batch", amounts)]))


def test_a_month_that_only_a_file_tells_of_has_its_bill() -> None:
    """Nothing was connected then: its load profile was imported."""
    days = [from_file(unread(number), 2.5, len(unread(number))) for number in range(OCTOBER.days)]
    load = load_of(days, OCTOBER, PLANT_ZONE, {"works": Presence(days[0].start)})
    bill = bill_of("works", Tariff("EUR", versions=(CONTRACT,)), OCTOBER, load, TERMS)
    assert load.until == END
    assert bill.until is not None
    assert bill.until.timestamp() == END
    assert bill.known_ratio == pytest.approx(1.0)
    assert bill.sums.imported_kwh == pytest.approx(2.5 * sum(map(len, days)))


def test_a_file_may_tell_more_than_the_last_reading_of_a_day() -> None:
    """And less: then the reading counts."""
    day = replace(unread(14), through=midnight(THE_15TH, PLANT_ZONE) + 3_000.0)
    assert load_of([from_file(day, 1.0, 8)], OCTOBER, PLANT_ZONE).until == day.start + 8 * 900.0
    assert load_of([from_file(day, 1.0, 2)], OCTOBER, PLANT_ZONE).until == day.through


def test_of_a_month_of_which_only_events_tell_no_energy_is_known() -> None:
    """Parts were finished, and nobody measured what they took."""
    load = load_of([unread(3)], OCTOBER, PLANT_ZONE)
    assert (load.until, bill_of("works", Tariff("EUR", versions=(CONTRACT,)), OCTOBER, load, TERMS).until) == (
        None,
        None,
    )
