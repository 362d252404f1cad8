from datetime import date, timedelta

import pytest

from energytrack.ledger.local_days import date_at, dates, midnight, quarter_count
from testkit import dates as fixed


@pytest.mark.parametrize(
    ("day", "quarters"), [(fixed.CLOCKS_FORWARD, 92), (fixed.MONDAY, 96), (fixed.CLOCKS_BACK, 100)]
)
def test_a_day_has_as_many_quarter_hours_as_its_clock_shows(day: date, quarters: int) -> None:
    assert quarter_count(day, fixed.PLANT_ZONE) == quarters


def test_every_instant_belongs_to_one_local_day() -> None:
    start = midnight(fixed.CLOCKS_BACK, fixed.PLANT_ZONE)
    assert date_at(start, fixed.PLANT_ZONE) == fixed.CLOCKS_BACK
    assert date_at(start - 0.001, fixed.PLANT_ZONE) == fixed.CLOCKS_BACK - timedelta(days=1)
    assert date_at(start + 25 * 3600 - 0.001, fixed.PLANT_ZONE) == fixed.CLOCKS_BACK


def test_dates_include_both_ends() -> None:
    assert list(dates(fixed.MONDAY, fixed.MONDAY + timedelta(days=1))) == [
        fixed.MONDAY,
        fixed.MONDAY + timedelta(days=1),
    ]
