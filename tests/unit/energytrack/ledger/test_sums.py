import pytest

from energytrack.ledger.sums import FIELDS, NOTHING, Sums, total
from testkit.ledger_builders import a_day


def test_the_sum_of_the_quarter_hours_is_the_day() -> None:
    day = a_day(measured_kwh={3: 1.5, 4: 2.25}, suspect_kwh={4: 3.0}, price_per_kwh={3: 0.2, 4: 0.3})
    summed, whole = total(quarter.sums for quarter in day.quarters()), day.sums()
    assert [getattr(summed, name) for name in FIELDS] == pytest.approx([getattr(whole, name) for name in FIELDS])


def test_two_sums_add_up() -> None:
    assert Sums(measured_kwh=1.0, cost=0.5) + Sums(bridged_kwh=2.0) == Sums(measured_kwh=1.0, bridged_kwh=2.0, cost=0.5)
    assert total([]) == NOTHING


def test_nothing_known_is_not_zero() -> None:
    assert NOTHING.kwh is None
    assert Sums(measured_seconds=1.0).kwh == 0.0


def test_the_price_of_a_part_is_a_cost_and_of_nothing_is_none() -> None:
    assert Sums(measured_kwh=2.0, unpriced_kwh=2.0).known_cost is None
    assert Sums(measured_kwh=2.0, unpriced_kwh=1.0, cost=0.3).known_cost == 0.3
