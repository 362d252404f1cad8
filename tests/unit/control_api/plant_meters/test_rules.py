"""Rows about plant meters, by period."""

from datetime import timedelta
from pathlib import Path

import pytest

from control_api.plant_meters.rules import meter_rows
from energytrack.plant import Plant
from energytrack.plant_meters.balance import MeterDay
from testkit.builders.ledger import a_day
from testkit.dates import MONDAY
from testkit.plant_meters import a_plant_with_meters

MIDNIGHT = a_day(day=MONDAY).start
DAY = 86_400.0


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return a_plant_with_meters(tmp_path)


def a_meter_day(meter_id: str = "main", later: int = 0) -> MeterDay:
    """8 units in each quarter hour, 6 of them below it; in the first one, nobody knows what was below."""
    used, below = (8.0,) * 96, (None, *(6.0,) * 95)
    return MeterDay(meter_id, MONDAY + timedelta(days=later), MIDNIGHT + later * DAY, used, below)


def test_a_row_of_a_day_has_its_sums_and_what_they_cover(plant: Plant) -> None:
    (row,) = meter_rows([a_meter_day()], plant, "day")
    assert (row.used, row.coverage) == (96 * 8.0, 1.0)
    assert (row.below, row.rest, row.compared_ratio) == (95 * 6.0, 95 * 2.0, 95 / 96)
    assert row.start.timestamp() == MIDNIGHT


def test_rows_of_an_hour_follow_each_other_and_have_no_base_load(plant: Plant) -> None:
    rows = list(meter_rows([a_meter_day()], plant, "hour"))
    assert [row.start.timestamp() for row in rows] == [MIDNIGHT + 3600 * hour for hour in range(24)]
    assert [row.rest for row in rows[:2]] == [6.0, 8.0]
    assert {row.base_load for row in rows} == {None}


def test_a_quarter_hour_of_which_one_side_is_unknown_has_no_rest(plant: Plant) -> None:
    first, second, *_ = meter_rows([a_meter_day()], plant, "15min")
    assert (first.used, first.below, first.rest, first.compared_ratio) == (8.0, None, None, 0.0)
    assert (second.rest, second.compared_ratio) == (2.0, 1.0)


def test_the_total_of_several_days_is_one_row_for_each_meter(plant: Plant) -> None:
    days = [a_meter_day("main"), a_meter_day("lights"), a_meter_day("main", later=1)]
    rows = list(meter_rows(days, plant, "total"))
    assert [(row.meter, row.parent, row.used) for row in rows] == [("main", None, 1536.0), ("lights", "main", 768.0)]
