"""The time ahead of a line, by the plant's calendar: early and late shift on working days, breaks in both."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from energytrack.contract.calendar import DayWindow
from energytrack.plant import load_plant
from energytrack.stopping.worktimes import work_times
from testkit.dates import at_plant

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")
LINE = "press-shop"
TEN = at_plant("mon", "10:00")


def test_the_next_break_the_end_of_the_shift_and_the_end_of_work_are_found() -> None:
    """A shift's end is one whether another follows or not; after work nobody is there."""
    ahead = work_times(PLANT, LINE, TEN, 24.0)
    assert ahead.begins("break", TEN) == at_plant("mon", "12:00")
    assert ahead.shift_end(TEN) == at_plant("mon", "14:00")
    assert ahead.begins("off", TEN) == at_plant("mon", "22:00")
    assert ahead.begins("maintenance", TEN) is None


def test_what_falls_into_a_break_or_after_work_is_not_missed() -> None:
    ahead = work_times(PLANT, LINE, TEN, 48.0)
    assert ahead.hours_at_work(TEN, 2.0) == 2.0
    assert ahead.hours_at_work(at_plant("mon", "12:00"), 1.0) == 0.5
    assert ahead.hours_at_work(at_plant("mon", "22:00"), 4.0) == 0.0
    assert ahead.hours_at_work(at_plant("mon", "21:00"), 10.0) == 2.0


def test_beyond_the_time_ahead_all_hours_count() -> None:
    """Nobody looked there: what is not known to be free is not free."""
    assert work_times(PLANT, LINE, TEN, 2.0).hours_at_work(at_plant("mon", "11:00"), 3.0) == 3.0
    assert work_times(PLANT, LINE, TEN, 1.0).hours_at_work(at_plant("mon", "22:00"), 4.0) == 4.0


def test_planned_maintenance_goes_before_what_the_shifts_do() -> None:
    window = DayWindow(("mon",), at_plant("mon", "15:00").astimezone(PLANT.zone).time(),
                       at_plant("mon", "17:00").astimezone(PLANT.zone).time())  # fmt: skip
    ahead = work_times(PLANT, LINE, TEN, 24.0, maintenance=(window,))
    assert ahead.begins("maintenance", TEN) == at_plant("mon", "15:00")
    assert ahead.hours_at_work(at_plant("mon", "14:30"), 3.0) == 1.0


@pytest.mark.parametrize("line", [None, "elsewhere"])
def test_a_line_without_shifts_works_all_the_time(line: str | None) -> None:
    ahead = work_times(PLANT, line, TEN, 24.0)
    assert (ahead.begins("break", TEN), ahead.begins("off", TEN), ahead.shift_end(TEN)) == (None, None, None)
    assert ahead.hours_at_work(TEN, 24.0) == 24.0


def test_pieces_have_no_gap_and_each_is_unlike_the_one_before() -> None:
    pieces = work_times(PLANT, "assembly", TEN, 24.0 * 7).pieces
    assert pieces[0].since == TEN
    assert pieces[-1].until == TEN + timedelta(days=7)
    for before, after in pairwise(pieces):
        assert before.until == after.since
        assert before.doing != after.doing
