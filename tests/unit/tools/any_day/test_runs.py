"""What `python -m tools.any_day` plays."""

from testkit.dates import DAY
from tools.any_day.__main__ import busy
from tools.any_day.runs import DAYS, HOURS, KINDS, ZONES, SuiteRun


def test_the_mixed_runs_leave_nothing_out() -> None:
    runs = list(KINDS["mixed"]())
    assert {run.hour for run in runs} == {*HOURS}
    assert {run.zone for run in runs} == {*ZONES}
    assert {run.days for run in runs} == {*DAYS}


def test_every_move_of_the_day_is_played_in_every_zone() -> None:
    assert {(run.days, run.zone) for kind in ("days", "zones") for run in KINDS[kind]()} == {
        (days, zone) for days in DAYS for zone in ZONES
    }


def test_only_a_run_with_an_hour_moves_the_clock() -> None:
    run = SuiteRun(40, "Asia/Kolkata", "05:59:50")
    assert run.prefix(DAY) == ("faketime", "-f", f"@{DAY} 05:59:50")
    assert (run.environment["TZ"], run.environment["TESTS_DAYS_LATER"]) == ("Asia/Kolkata", "40")
    assert SuiteRun().prefix(DAY) == ()


def test_what_keeps_the_machine_busy_ends_with_the_run() -> None:
    with busy(2) as loops:
        assert [loop.poll() for loop in loops] == [None, None]
    assert None not in [loop.poll() for loop in loops]
