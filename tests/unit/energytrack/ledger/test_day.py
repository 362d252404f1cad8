from datetime import date

import pytest

from testkit import dates
from testkit.builders.ledger import a_day


def test_a_quarter_hour_without_a_report_has_unknown_energy_rather_than_zero() -> None:
    day = a_day(measured_kwh={0: 2.0}, measured_seconds={0: 900.0, 1: 900.0}, idle_kwh=0.0)
    assert [day.quarter(index).kwh for index in (0, 1, 2)] == [2.0, 0.0, None]


def test_energy_without_a_price_is_not_free() -> None:
    day = a_day(price_per_kwh=None)
    assert day.sums().known_cost is None
    assert day.sums().unpriced_kwh == pytest.approx(192.0)


def test_each_quarter_hour_has_its_own_price() -> None:
    day = a_day(price_per_kwh={0: 1.0, 1: -0.5})
    assert day.sums().cost == pytest.approx(1.0)
    assert day.sums().idle_cost == pytest.approx(0.25)


@pytest.mark.parametrize(("day", "count"), [(dates.CLOCKS_FORWARD, 92), (dates.CLOCKS_BACK, 100)])
def test_days_on_which_the_clocks_change_are_whole(day: date, count: int) -> None:
    whole = a_day(day=day)
    assert len(list(whole.quarters())) == count
    assert whole.sums().kwh == pytest.approx(2.0 * count)
    assert whole.end - whole.start == 900 * count
