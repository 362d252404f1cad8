"""When retraining is due, by the plant's clock."""

import threading
from datetime import datetime, timedelta

import pytest

from ml.retraining.schedule import Timetable
from testkit.dates import PLANT_ZONE, at_plant
from testkit.patience import seconds_here

SUNDAY = at_plant("sun", "03:00")


@pytest.mark.parametrize(
    ("since", "now", "missed"),
    [
        (SUNDAY - timedelta(hours=1), SUNDAY + timedelta(minutes=1), True),
        (SUNDAY + timedelta(seconds=1), SUNDAY + timedelta(days=6), False),
        (SUNDAY + timedelta(seconds=1), SUNDAY + timedelta(days=7, seconds=1), True),
        (SUNDAY - timedelta(hours=1), SUNDAY - timedelta(minutes=1), False),
    ],
)
def test_a_time_that_passed_while_nothing_ran_was_missed(since: datetime, now: datetime, missed: bool) -> None:
    """A machine that is off on Sundays retrains when it is next on."""
    assert Timetable(PLANT_ZONE).missed(["sun"], "03:00", since=since, now=now) is missed


def test_what_recurs_is_called_on_a_thread_of_its_own() -> None:
    """Until it is stopped."""
    called = threading.Event()
    timetable = Timetable(PLANT_ZONE)
    timetable.weekly(["mon", "fri"], "03:00", lambda: None)
    timetable.every(timedelta(milliseconds=20), called.set)
    timetable.start()
    assert called.wait(seconds_here(10))
    timetable.stop()
    timetable.stop()
