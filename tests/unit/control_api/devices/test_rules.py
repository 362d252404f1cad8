from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from control_api.devices.rules import (
    FleetFilter,
    Machine,
    as_answered,
    machine_now,
    merged_fleet,
    sort_machines,
    thinned,
)
from energytrack.machines.state import MachineState, WrongClock
from energytrack.messages import Reading
from energytrack.plant import Plant, load_plant
from testkit.builders.control import an_order
from testkit.builders.messages import NOW, a_reading, an_event, an_insight

SILENT_AFTER = timedelta(minutes=5)


@pytest.fixture(scope="module")
def plant() -> Plant:
    return load_plant(Path("plant.toml"))


def a_machine(plant: Plant, device_id: str = "cnc-0007", **fields: Any) -> Machine:
    return machine_now(
        MachineState(device_id, **fields), plant=plant, now=NOW, silent_after=SILENT_AFTER, lock=None, open_order=None
    )


def test_the_plant_file_fills_in_what_a_machine_did_not_say(plant: Plant) -> None:
    """Type and line; power follows from the type's rating, P = sqrt(3) V I pf."""
    machine = a_machine(plant, reading=a_reading(current=10.0))
    assert (machine.device_type, machine.line) == ("cnc_machine", "machining-a")
    assert machine.power_watts == pytest.approx(1.7320508 * 400 * 10 * 0.85)


def test_a_machine_that_the_plant_file_does_not_know_is_shown(plant: Plant) -> None:
    """Plants grow: it has no rating, so its power is not known."""
    machine = a_machine(plant, "new-1", device_type="laser", line="hall-9", reading=a_reading("new-1"))
    assert (machine.device_type, machine.line) == ("laser", "hall-9")
    assert (machine.power_watts, machine.in_shift) == (None, False)
    assert "new-1" in merged_fleet([machine.latest], plant)
    assert len(merged_fleet([machine.latest], plant)) == len(plant.devices) + 1


def test_a_machine_that_says_nothing_for_too_long_is_silent(plant: Plant) -> None:
    """As is one that never spoke."""
    assert a_machine(plant).silent
    assert a_machine(plant, reading=a_reading(timestamp=NOW - SILENT_AFTER - timedelta(seconds=1))).silent
    assert not a_machine(plant, reading=a_reading(timestamp=NOW - SILENT_AFTER)).silent


def test_since_when_a_machine_is_in_its_state_is_known_from_its_last_change(plant: Plant) -> None:
    """A change into another state than the one it is in now says nothing."""
    change: Any = an_event("state_changed", state="idle", timestamp=NOW - timedelta(hours=1))
    assert a_machine(plant, reading=a_reading(state="idle"), change=change).state_since == change.timestamp
    assert a_machine(plant, reading=a_reading(state="running"), change=change).state_since is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (FleetFilter(line="machining-a"), ["cnc-0007"]),
        (FleetFilter(device_type="press"), ["press-0001"]),
        (FleetFilter(state="running"), ["cnc-0007"]),
        (FleetFilter(min_risk=0.8), ["cnc-0007"]),
        (FleetFilter(text="PRESS"), ["press-0001"]),
        (FleetFilter(locked=True), []),
        (FleetFilter(), ["cnc-0007", "press-0001"]),
    ],
)
def test_a_filter_admits_what_it_names(plant: Plant, wanted: FleetFilter, expected: list[str]) -> None:
    """Each field restricts; none means all."""
    fleet = [a_machine(plant, reading=a_reading(), insight=an_insight()), a_machine(plant, "press-0001")]
    assert [machine.device_id for machine in fleet if wanted.admits(machine)] == expected


def test_machines_without_the_value_come_last_whichever_way(plant: Plant) -> None:
    """A risk that is not known is neither the highest nor the lowest."""
    high = a_machine(plant, "cnc-0001", insight=an_insight("cnc-0001", failure_probability=0.9))
    low = a_machine(plant, "cnc-0002", insight=an_insight("cnc-0002", failure_probability=0.1))
    unknown = a_machine(plant, "cnc-0003")
    fleet = [unknown, low, high]
    assert sort_machines(fleet, "risk", descending=True) == [high, low, unknown]
    assert sort_machines(fleet, "risk", descending=False) == [low, high, unknown]
    assert sort_machines(fleet, "device_id", descending=True) == [unknown, low, high]


@pytest.mark.parametrize(("count", "limit"), [(0, 10), (7, 10), (10, 10), (11, 10), (100, 7)])
def test_a_thinned_list_ends_with_its_last_value(count: int, limit: int) -> None:
    """A chart's right edge is now."""
    values = list(range(count))
    thin = thinned(values, limit)
    assert len(thin) <= limit
    assert thin[-1:] == values[-1:]


def test_who_heard_a_machine_knows_better_than_the_file(plant: Plant) -> None:
    """The file may be some seconds behind; a machine that nobody hears has no power that anybody knows."""
    old, new = a_reading(timestamp=NOW - timedelta(minutes=9)), a_reading(timestamp=NOW)

    def heard(reading: Reading, *, silent: bool) -> Machine:
        return machine_now(
            MachineState("cnc-0007", reading=reading), plant=plant, now=NOW, silent_after=SILENT_AFTER, lock=None,
            open_order=None, silent=silent,
        )  # fmt: skip

    assert not heard(old, silent=False).silent
    machine = heard(new, silent=True)
    assert (machine.silent, machine.power_watts) == (True, None)
    assert not FleetFilter(silent=False).admits(machine)
    assert FleetFilter(silent=True).admits(machine)


def test_a_clock_is_wrong_until_a_reading_is_right_again(plant: Plant) -> None:
    """Refused after its last reading, and lately: its page says how far it is ahead."""
    wrong = WrongClock(NOW, 7200.0)
    assert a_machine(plant, clock=wrong).clock_ahead_seconds == 7200.0
    before = a_reading(timestamp=NOW - timedelta(minutes=1))
    assert a_machine(plant, reading=before, clock=wrong).clock_ahead_seconds == 7200.0
    after = a_reading(timestamp=NOW + timedelta(seconds=1))
    assert a_machine(plant, reading=after, clock=wrong).clock_ahead_seconds is None
    long_ago = WrongClock(NOW - SILENT_AFTER - timedelta(seconds=1), 7200.0)
    assert a_machine(plant, clock=long_ago).clock_ahead_seconds is None


@pytest.mark.parametrize(
    ("seconds", "state"), [(-1, "running"), (0, "stopped"), (5, "stopped")], ids=["before", "at", "after"]
)
def test_an_answer_is_the_newest_state_until_another_is_stored(plant: Plant, seconds: float, state: str) -> None:
    """It came so many seconds after the stored one."""
    machine = a_machine(plant, reading=a_reading(state="running"))
    answered = an_order(device_state="stopped", answered_at=NOW + timedelta(seconds=seconds))
    assert as_answered(machine, answered).state == state
    assert as_answered(machine, an_order()) is machine
