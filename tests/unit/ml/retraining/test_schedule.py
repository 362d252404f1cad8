"""When retraining is due, by the plant's clock."""

from datetime import datetime, time, timedelta

import pytest

from ml.retraining.schedule import WeeklySchedule
from testkit.dates import CLOCKS_FORWARD, PLANT_ZONE, at_plant

SUNDAY = at_plant("sun", "03:00")
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (SUNDAY - timedelta(hours=1), SUNDAY),
        (SUNDAY, SUNDAY),
        (SUNDAY + timedelta(seconds=1), SUNDAY + WEEK),
        (SUNDAY + timedelta(days=6), SUNDAY + WEEK),
    ],
)
def test_the_next_time_is_at_or_after_a_moment(moment: datetime, due: datetime) -> None:
    """A machine that is off on Sundays finds its run due when it is next on."""
    assert WeeklySchedule(["sun"], "03:00", PLANT_ZONE).next_after(moment) == due


def test_it_is_the_plants_clock_that_counts() -> None:
    """Three o'clock is another moment in summer."""
    schedule = WeeklySchedule(["mon", "fri"], "03:00", PLANT_ZONE)
    after = datetime.combine(CLOCKS_FORWARD, time(12), PLANT_ZONE)
    assert schedule.next_after(after).astimezone(PLANT_ZONE).time() == time(3)


def test_a_night_without_that_hour_is_not_left_out() -> None:
    """There is no half past two on the night when clocks go forward: the run comes that night all the same."""
    day_before = datetime.combine(CLOCKS_FORWARD - timedelta(days=1), time(12), PLANT_ZONE)
    due = WeeklySchedule(["sun"], "02:30", PLANT_ZONE).next_after(day_before)
    assert timedelta(hours=12) <= due - day_before <= timedelta(hours=16)
