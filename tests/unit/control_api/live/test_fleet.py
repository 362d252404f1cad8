from datetime import timedelta
from pathlib import Path

import pytest

from control_api.live.fleet import LiveFleet, Update
from energytrack.clock import ManualClock
from energytrack.machines.state import MachineState
from energytrack.plant import load_plant
from testkit.builders.messages import NOW, a_reading, an_event, an_insight


def a_fleet(clock: ManualClock | None = None) -> LiveFleet:
    return LiveFleet(load_plant(Path("plant.toml")), clock or ManualClock(NOW))


def changes(fleet: LiveFleet) -> list[Update]:
    return [fleet.update(device_id) for device_id in sorted(fleet.changed())]


def test_many_messages_of_a_machine_are_one_update() -> None:
    """The newest of each kind; the next look finds nothing new."""
    fleet = a_fleet()
    for second in range(5):
        fleet.take(a_reading(timestamp=NOW + timedelta(seconds=second), temperature=60.0 + second))
    fleet.take(an_insight(failure_probability=0.4))
    (update,) = changes(fleet)
    assert (update.device_id, update.temperature, update.risk, update.state) == ("cnc-0007", 64.0, 0.4, "running")
    assert changes(fleet) == []


def test_what_is_late_changes_nothing() -> None:
    """Neither a reading nor an insight nor a change of state."""
    fleet = a_fleet()
    fleet.seed([MachineState("cnc-0007", reading=a_reading(), insight=an_insight())])
    earlier = NOW - timedelta(seconds=1)
    fleet.take(a_reading(timestamp=earlier, temperature=1.0))
    fleet.take(an_insight(timestamp=earlier))
    assert changes(fleet) == []


def test_a_change_of_state_is_news_before_the_next_reading() -> None:
    """An operator sees the machine stop when it says so."""
    fleet = a_fleet()
    fleet.seed([MachineState("cnc-0007", reading=a_reading())])
    fleet.take(an_event("state_changed", state="stopped", timestamp=NOW + timedelta(seconds=1)))
    (update,) = changes(fleet)
    assert update.state == "stopped"
    assert fleet.line_of("cnc-0007") == "machining-a"


def test_a_machine_that_falls_silent_is_news() -> None:
    """Ten seconds without a reading: reported once, and once more when it reports again."""
    clock = ManualClock(NOW)
    fleet = a_fleet(clock)
    fleet.take(a_reading())
    assert [update.silent for update in changes(fleet)] == [False]
    clock.advance(10)
    assert changes(fleet) == []
    clock.advance(1)
    assert [(update.device_id, update.silent) for update in changes(fleet)] == [("cnc-0007", True)]
    assert changes(fleet) == []
    assert fleet.is_silent("cnc-0007")
    fleet.take(a_reading(timestamp=NOW + timedelta(seconds=11)))
    assert [update.silent for update in changes(fleet)] == [False]


def test_a_machine_whose_clock_is_wrong_is_heard_all_the_same() -> None:
    fleet = a_fleet()
    fleet.take(a_reading(timestamp=NOW - timedelta(hours=3)))
    assert fleet.is_silent("cnc-0007") is False
    assert fleet.is_silent("cnc-0008") is None


def test_what_is_only_on_file_is_silent_where_it_is_old() -> None:
    """After a start of this service, until the machine sends something."""
    clock = ManualClock(NOW + timedelta(seconds=61))
    fleet = a_fleet(clock)
    fleet.seed([MachineState("cnc-0007", reading=a_reading())])
    assert [update.silent for update in fleet.all()] == [True]


def test_a_retired_machine_is_no_longer_shown() -> None:
    """Until it sends again."""
    fleet = a_fleet()
    fleet.take(a_reading())
    fleet.take(an_event("machine_retired"))
    assert (fleet.all(), changes(fleet)) == ([], [])
    fleet.take(a_reading(timestamp=NOW + timedelta(seconds=1)))
    assert len(fleet.all()) == 1


def test_invented_names_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines that are there, or in the plant file, go on."""
    monkeypatch.setattr("control_api.live.fleet.MOST_MACHINES", 2)
    fleet = a_fleet()
    for device_id in ("real-1", "real-2", "evil-1", "cnc-0007"):
        fleet.take(a_reading(device_id))
    assert {update.device_id for update in changes(fleet)} == {"real-1", "real-2", "cnc-0007"}
    fleet.take(a_reading("real-1", timestamp=NOW + timedelta(seconds=1)))
    assert [update.device_id for update in changes(fleet)] == ["real-1"]
