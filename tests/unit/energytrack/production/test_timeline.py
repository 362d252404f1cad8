from datetime import timedelta
from typing import Any

from energytrack.events import DeviceEvent
from energytrack.production.spells import Spell
from energytrack.production.timeline import known_time, of_state, timeline
from testkit.builders.messages import NOW, an_event

AT = NOW.timestamp()
END = 10_000.0


def event(kind: str, seconds: float, **fields: Any) -> DeviceEvent:
    return an_event(kind, event_id=f"{kind}-{seconds}", timestamp=NOW + timedelta(seconds=seconds), **fields)


def spells(*reported: tuple[float, float, str], estimated: bool = False) -> list[Spell]:
    return [Spell(AT + start, AT + end, state, estimated) for start, end, state in reported]  # type: ignore[arg-type]


def shown(found: tuple[Spell, ...]) -> list[tuple[float, float, str]]:
    return [(each.start - AT, each.end - AT, each.state) for each in found]


def test_a_failure_inside_maintenance_is_maintenance() -> None:
    """Each moment counts once, whatever else is reported about it."""
    reported = spells((0, 100, "running"), (100, 900, "stopped"), (900, 1000, "running"))
    events = [event("maintenance_started", 200), event("failure", 300), event("maintenance_done", 500)]
    assert shown(timeline(reported, events, until=AT + END)) == [
        (0, 100, "running"), (100, 200, "stopped"), (200, 500, "maintenance"), (500, 900, "stopped"),
        (900, 1000, "running"),
    ]  # fmt: skip


def test_a_failure_lasts_until_the_machine_works_again_or_is_repaired() -> None:
    reported = spells((0, 100, "running"), (100, 600, "idle"), (600, 700, "running"))
    assert shown(timeline(reported, [event("failure", 100)], until=AT + END))[1] == (100, 600, "failed")
    repaired = [event("failure", 100), event("maintenance_started", 200), event("maintenance_done", 300)]
    assert shown(timeline(reported, repaired, until=AT + END))[1:4] == [
        (100, 200, "failed"), (200, 300, "maintenance"), (300, 600, "idle"),
    ]  # fmt: skip


def test_events_fill_what_no_reading_tells() -> None:
    """A list of failures and repairs, of a machine that was silent meanwhile."""
    events = [event("failure", 150), event("maintenance_done", 400)]
    found = timeline(spells((0, 100, "running"), (500, 600, "running")), events, until=AT + END)
    assert shown(found) == [(0, 100, "running"), (150, 400, "failed"), (500, 600, "running")]
    assert known_time(found) == ((AT, AT + 100), (AT + 150, AT + 400), (AT + 500, AT + 600))


def test_changes_of_state_count_where_readings_tell_none() -> None:
    """Against the current, which only estimates; each holds until the next one."""
    changes = [event("state_changed", 100, state="running"), event("state_changed", 300, state="idle")]
    estimated = spells((0, 1000, "stopped"), estimated=True)
    assert shown(timeline(estimated, changes, until=AT + 500)) == [
        (0, 100, "stopped"), (100, 300, "running"), (300, 500, "idle"),
    ]  # fmt: skip
    reported = spells((0, 1000, "running"))
    assert timeline(reported, changes, until=AT + 500) == tuple(reported)
    assert of_state(reported, "idle") == ()
