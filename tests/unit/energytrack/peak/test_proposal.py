"""Which machines may wait: as few as possible, idle ones first, and none where it is too late."""

from datetime import timedelta
from typing import Any

from energytrack.peak.proposal import LEAST_SECONDS, DeferrableMachine, propose
from testkit.dates import NOW


def a_waiter(device_id: str, watts: float, **fields: Any) -> DeferrableMachine:
    given: dict[str, Any] = {"why": "deferrable", "longest_minutes": 20.0}
    return DeferrableMachine(device_id=device_id, saves_watts=watts, **(given | fields))


IDLE = a_waiter("press-0001", 4000.0, why="idle", longest_minutes=None)
SMALL, LARGE = a_waiter("drill-0001", 2000.0), a_waiter("drill-0002", 9000.0, longest_minutes=10.0)


def test_idle_machines_come_first_then_those_that_save_most() -> None:
    """With a third of the quarter hour left, 4 kW are worth 1.33, and 9 kW 3."""
    found = propose([SMALL, LARGE, IDLE], above_kw=4.0, seconds_left=300.0, now=NOW)
    assert found is not None
    assert found.device_ids == ("press-0001", "drill-0002")
    assert (found.is_enough, round(found.saves_kw, 2)) == (True, 4.33)
    assert found.restart_by == NOW + timedelta(minutes=10)


def test_it_says_where_all_of_them_are_not_enough() -> None:
    found = propose([SMALL, IDLE], above_kw=50.0, seconds_left=300.0, now=NOW)
    assert found is not None
    assert (found.is_enough, len(found.waiters)) == (False, 2)


def test_nothing_is_proposed_where_nothing_is_needed_possible_or_in_time() -> None:
    assert propose([IDLE], above_kw=0.0, seconds_left=300.0, now=NOW) is None
    assert propose([], above_kw=5.0, seconds_left=300.0, now=NOW) is None
    assert propose([IDLE], above_kw=5.0, seconds_left=LEAST_SECONDS - 1, now=NOW) is None


def test_idle_machines_alone_have_no_time_to_run_again() -> None:
    found = propose([IDLE], above_kw=1.0, seconds_left=600.0, now=NOW)
    assert found is not None
    assert found.restart_by is None
