from datetime import timedelta
from pathlib import Path

from control_api.live_fold import LiveFleet
from energytrack.machine_state import MachineState
from energytrack.plant import load_plant
from testkit.builders import NOW, a_reading, an_event, an_insight


def a_fleet() -> LiveFleet:
    return LiveFleet(load_plant(Path("plant.toml")))


def test_many_messages_of_a_machine_are_one_update() -> None:
    """The newest of each kind; the next look finds nothing new."""
    fleet = a_fleet()
    for second in range(5):
        fleet.take(
            a_reading(timestamp=NOW + timedelta(seconds=second), temperature=60.0 + second), NOW + timedelta(minutes=1)
        )
    fleet.take(an_insight(failure_probability=0.4), NOW)
    (update,) = fleet.news()
    assert (update.device_id, update.temperature, update.risk, update.state) == ("cnc-0007", 64.0, 0.4, "running")
    assert fleet.news() == []


def test_what_is_late_changes_nothing() -> None:
    """Neither a reading nor an insight nor a change of state."""
    fleet = a_fleet()
    fleet.seed([MachineState("cnc-0007", reading=a_reading(), insight=an_insight())])
    earlier = NOW - timedelta(seconds=1)
    fleet.take(a_reading(timestamp=earlier, temperature=1.0), NOW)
    fleet.take(an_insight(timestamp=earlier), NOW)
    assert fleet.news() == []


def test_a_change_of_state_is_news_before_the_next_reading() -> None:
    """An operator sees the machine stop when it says so."""
    fleet = a_fleet()
    fleet.seed([MachineState("cnc-0007", reading=a_reading())])
    fleet.take(
        an_event("state_changed", state="stopped", timestamp=NOW + timedelta(seconds=1)), NOW + timedelta(minutes=1)
    )
    (update,) = fleet.news()
    assert update.state == "stopped"
    assert fleet.line_of("cnc-0007") == "machining-a"
