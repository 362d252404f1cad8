import math

from energytrack.ledger.presence import Presence
from energytrack.plant_meters.balance import (
    Amounts,
    MeterDay,
    added,
    amounts_of,
    balance,
    base_load,
    complaint,
    where_there,
)
from testkit import dates
from testkit.builders.ledger import a_day

START = a_day().start


def a_meter_day(used: Amounts, below: Amounts | None) -> MeterDay:
    return MeterDay("main", dates.MONDAY, START, used, below)


def test_a_quarter_hour_counts_where_all_of_it_is_known() -> None:
    """Half a quarter hour, or one with suspect energy, is not known."""
    day = a_day(measured_seconds={0: 900.0, 1: 450.0, 2: 900.0}, suspect_kwh={2: 1.0}, measured_kwh=2.0)
    assert amounts_of(day)[:4] == (2.0, None, None, None)


def test_the_rest_is_that_of_the_quarter_hours_of_which_both_sides_are_known() -> None:
    day = a_meter_day((10.0, 10.0, None, 10.0), (7.0, None, 7.0, 8.0))
    assert day.rest == (3.0, None, None, 2.0)
    found = balance([day])
    assert (found.used, found.known_quarters) == (30.0, 3)
    assert (found.compared_used, found.below, found.rest, found.compared_quarters) == (20.0, 15.0, 5.0, 2)


def test_where_nothing_can_be_compared_the_rest_is_not_known() -> None:
    """Neither without anything below, nor where one side is unknown all the time: unknown is not zero."""
    assert balance([a_meter_day((10.0,), None)]).rest is None
    assert balance([a_meter_day((10.0,), (None,))]).rest is None
    assert balance([a_meter_day((None,), (1.0,))]).used is None


def test_one_unknown_machine_makes_the_sum_unknown() -> None:
    assert added([(1.0, 2.0, 3.0), (1.0, None, 3.0)], 3) == (2.0, None, 6.0)


def test_a_machine_uses_nothing_before_it_came_and_after_it_was_retired() -> None:
    there = Presence(since=START + 900, until=START + 1800)
    assert where_there((None, 2.0, None), there, START, 3) == (0.0, 2.0, 0.0)
    assert where_there(None, Presence(-math.inf, math.inf), START, 2) == (None, None)


def test_machines_that_count_more_than_their_meter_are_named() -> None:
    """By more than two good meters differ."""
    assert complaint("main", balance([a_meter_day((100.0,), (101.0,))]), "kWh") is None
    said = complaint("main", balance([a_meter_day((100.0,), (110.0,))]), "kWh")
    assert said is not None
    assert "count more than main itself (110.0 against 100.0 kWh): check its factor" in said


def test_the_base_load_is_the_lowest_hour_of_the_night() -> None:
    """By the clock from midnight to six; units per hour."""
    night = (5.0,) * 8 + (2.0,) * 4 + (5.0,) * 12
    day = a_meter_day((*night, *(0.5,) * 72), None)
    assert base_load(day, day.used, dates.PLANT_ZONE) == 8.0


def test_without_most_of_the_night_the_base_load_is_not_known() -> None:
    day = a_meter_day(((None,) * 7 + (2.0,) * 89), None)
    assert base_load(day, day.used, dates.PLANT_ZONE) is None
