from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import asdict

from control_api.bulk.rules import Selection
from control_api.schedules.rules import (
    Proposal,
    is_before_end_of_work,
    last_due,
    next_due,
    proposal,
    selection_of,
    working_days,
)
from energytrack.contract.calendar import WEEKDAYS, DayKind, weekday_of
from energytrack.plant import load_plant
from energytrack.store.operations.schedules import Schedule
from testkit.dates import CLOCKS_BACK, CLOCKS_FORWARD, MONDAY, PLANT_ZONE, at_plant

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at_plant("mon", "22:14:59"), MONDAY - 3 * DAY),  # before the time: last Friday's
        (at_plant("mon", "22:15:00"), MONDAY),
        (at_plant("tue", "01:10:00"), MONDAY),  # late, after midnight: still Monday's
        (at_plant("sun", "13:00:00"), MONDAY + 4 * DAY),
    ],
)
def test_a_run_belongs_to_the_day_it_was_due(now: datetime, expected: date) -> None:
    """However late it comes."""
    assert last_due(WEEKDAYS[:5], "22:15", now=now, zone=PLANT_ZONE) == expected


def test_the_hour_that_the_clock_skips_has_its_run() -> None:
    """On the last Sunday of March there is no 02:30: it is due when the clock has moved on, at 03:30."""
    after = at_plant(CLOCKS_FORWARD, "03:30")
    before = after - timedelta(minutes=1)
    assert last_due(WEEKDAYS, "02:30", now=before, zone=PLANT_ZONE) == CLOCKS_FORWARD - DAY
    assert last_due(WEEKDAYS, "02:30", now=after, zone=PLANT_ZONE) == CLOCKS_FORWARD


def test_the_hour_that_comes_twice_has_one_run() -> None:
    """On the last Sunday of October it is 02:30 at 00:30 and at 01:30 UTC; both belong to one date."""
    first = at_plant(CLOCKS_BACK, "02:30")
    second = first + timedelta(hours=1)
    assert last_due(WEEKDAYS, "02:30", now=first, zone=PLANT_ZONE) == CLOCKS_BACK
    assert last_due(WEEKDAYS, "02:30", now=second, zone=PLANT_ZONE) == CLOCKS_BACK


def test_a_line_is_proposed_a_shutdown_after_its_last_shift() -> None:
    """On the days on which nobody works then; a line that works around the clock gets none on those days."""
    plant = load_plant(Path("plant.toml"))
    assert proposal("press-shop", plant) == Proposal(("mon", "tue", "wed", "thu", "fri"), "22:15")
    assert proposal("shipping", plant) is None or "22:15" not in str(proposal("shipping", plant))
    assert proposal("unheard-of", plant) is None


def test_a_line_works_on_the_days_on_which_a_shift_of_it_begins() -> None:
    plant = load_plant(Path("plant.toml"))
    assert working_days("press-shop", plant) == ("mon", "tue", "wed", "thu", "fri")
    assert working_days("assembly", plant) == WEEKDAYS


def test_work_ends_with_the_last_shift_of_the_day() -> None:
    """A break is none; a shift that ends after midnight goes on all evening."""
    plant = load_plant(Path("plant.toml"))
    times = ("05:45", "18:15", "21:59", "22:00", "23:30")
    assert [is_before_end_of_work(at, "press-shop", plant) for at in times] == [True, True, True, False, False]
    assert all(is_before_end_of_work(at, "machining-b", plant) for at in times)


def test_the_machines_of_a_schedule_are_those_that_were_selected() -> None:
    """A selection is stored as fields of its schedule, and is the same afterwards."""
    selection = Selection(line="press-shop", device_ids=("press-0001",), idle_minutes=10)
    schedule = Schedule(
        schedule_id="1", name="night", action="shutdown", days=("mon",), at="22:15", reason="night", log=(),
        **asdict(selection),
    )  # fmt: skip
    assert selection_of(schedule) == selection


def test_a_schedule_rests_on_holidays_unless_it_names_them() -> None:
    """A restart on Christmas morning would run an empty hall."""

    def holiday(day: date) -> DayKind:
        return "holiday" if day == MONDAY else weekday_of(day)

    now = at_plant("mon", "23:00")
    assert last_due(WEEKDAYS, "22:15", now=now, zone=PLANT_ZONE, kind_of=holiday) == MONDAY - DAY
    assert last_due(["holiday"], "22:15", now=now, zone=PLANT_ZONE, kind_of=holiday) == MONDAY


def test_the_next_run_is_the_first_after_now() -> None:
    assert next_due(["mon"], "22:15", now=at_plant("mon", "22:14"), zone=PLANT_ZONE) == at_plant("mon", "22:15")
    after = next_due(["mon"], "22:15", now=at_plant("mon", "22:15"), zone=PLANT_ZONE)
    assert after == at_plant("mon", "22:15", weeks=1)
    assert next_due([], "22:15", now=at_plant("mon", "22:15"), zone=PLANT_ZONE) is None
