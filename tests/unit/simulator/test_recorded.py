"""Recorded data laid out over time."""

from datetime import timedelta

import numpy as np
import pytest

from energytrack.events import FaultCode
from energytrack.messages import Reading
from energytrack.plant import Device
from energytrack.recording import Recording
from simulator.plant.events import milliseconds
from simulator.recorded import Item, Replay, ReplayPace
from testkit.builders.messages import an_event
from testkit.builders.plants import MONDAY

START = milliseconds(MONDAY)


def a_recording(**fields: object) -> Recording:
    """Two pumps: one from midnight for ten minutes, one an hour later for five, with a vibration sensor."""
    begin = milliseconds(MONDAY - timedelta(days=900))
    first, second = begin + 60_000 * np.arange(10), begin + 3_600_000 + 60_000 * np.arange(5)
    n = len(first) + len(second)
    vibration = np.linspace(0.1, 0.4, n)
    vibration[3] = np.nan
    given: dict[str, object] = {
        "name": "pumps",
        "interval_seconds": 60.0,
        "horizon_hours": None,
        "signals": {},
        "devices": (Device("pump-1", "pump", "water"), Device("pump-2", "pump", "water")),
        "device": np.repeat(np.array([0, 1], dtype=np.int32), [10, 5]),
        "timestamp": np.concatenate([first, second]),
        "values": {"temperature": np.full(n, 40.0), "pressure": np.full(n, 2.5), "vibration": vibration},
        "events": (),
    }
    return Recording(**(given | fields))  # type: ignore[arg-type]


def run(recording: Recording, pace: ReplayPace) -> list[Item]:
    return list(Replay(recording, pace).items(START))


def of(items: list[Item], device_id: str) -> list[tuple[float, Reading]]:
    return [(due, m) for due, m in items if isinstance(m, Reading) and m.device_id == device_id]


def test_all_machines_begin_now_and_go_at_their_own_pace() -> None:
    """A reading is stamped with the moment at which it is due."""
    items = run(a_recording(), ReplayPace())
    for name, count in (("pump-1", 10), ("pump-2", 5)):
        assert [due for due, _ in of(items, name)] == [60.0 * i for i in range(count)]
    for due, message in items:
        assert milliseconds(message.timestamp) == START + due * 1000
    assert [due for due, _ in items] == sorted(due for due, _ in items)


def test_faster_is_closer_together() -> None:
    """Ten times the speed is a tenth of the time, in stamps as in waiting."""
    items = run(a_recording(), ReplayPace(speed=10.0))
    assert [due for due, _ in of(items, "pump-1")] == [6.0 * i for i in range(10)]


def test_machines_keep_their_distances_where_wanted() -> None:
    """The second pump begins an hour later."""
    items = run(a_recording(), ReplayPace(together=False))
    assert of(items, "pump-2")[0][0] == 3600.0


def test_timestamps_are_kept_where_wanted() -> None:
    """To fill a database with the past."""
    recording = a_recording()
    stamps = [
        milliseconds(message.timestamp)
        for _, message in run(recording, ReplayPace(keep_timestamps=True, together=False))
    ]
    assert stamps == recording.timestamp.tolist()


def test_as_fast_as_it_goes_keeps_the_order() -> None:
    """Nothing is to be waited for."""
    items = run(a_recording(), ReplayPace(speed=float("inf"), keep_timestamps=True, together=False))
    assert max(due for due, _ in items) < 0.01
    moments = [message.timestamp for _, message in items]
    assert moments == sorted(moments)


def test_long_gaps_are_shortened() -> None:
    """Nobody waits for a weekend."""
    recording = a_recording()
    recording.timestamp[5:10] += 2 * 86_400_000
    later = np.sort(recording.timestamp[:10])
    recording.timestamp[:10] = later
    dues = [due for due, _ in of(run(recording, ReplayPace(longest_gap=3.0)), "pump-1")]
    assert dues[5] - dues[4] == pytest.approx(180.0)
    assert dues[-1] == pytest.approx(4 * 60 + 180 + 4 * 60)


def test_signals_of_one_s_own_travel_with_the_reading() -> None:
    """A lost one as null, one that the machine does not have as null, and the device's type and line with them."""
    items = of(run(a_recording(), ReplayPace()), "pump-1")
    first, fourth = items[0][1], items[3][1]
    assert first.signals == {"vibration": pytest.approx(0.1)}
    assert fourth.signals == {"vibration": None}
    assert (first.temperature, first.pressure, first.current) == (40.0, 2.5, None)
    assert (first.device_type, first.line, first.energy_kwh) == ("pump", "water", None)


def test_a_register_travels_as_a_register() -> None:
    """A column called energy_kwh."""
    recording = a_recording(values={"energy_kwh": np.arange(15.0)})
    assert of(run(recording, ReplayPace()), "pump-1")[4][1].energy_kwh == 4.0


def test_events_come_between_the_readings_that_they_lay_between() -> None:
    """And give the readings after them their state."""
    recording = a_recording()
    at = MONDAY - timedelta(days=900)
    events = (
        an_event("state_changed", "pump-1", timestamp=at + timedelta(seconds=90), state="idle"),
        an_event("failure", "pump-2", timestamp=at + timedelta(hours=1, seconds=150), mode="leak"),
    )
    items = run(a_recording(events=events), ReplayPace(speed=2.0))
    due_times = [(due, type(m).__name__) for due, m in items if not isinstance(m, Reading)]
    assert due_times == [(45.0, "StateChanged"), (75.0, "Failure")]
    assert [m.state for _, m in of(items, "pump-1")] == [None, None] + ["idle"] * 8
    assert {m.state for _, m in of(items, "pump-2")} == {None}
    assert len(recording.events) == 0


def test_what_happened_before_the_recording_happened_before_now() -> None:
    """It is sent at once, with a time as long ago as it was."""
    old = an_event("maintenance_done", "pump-1", timestamp=MONDAY - timedelta(days=902))
    items = run(a_recording(events=(old,)), ReplayPace(speed=2.0))
    due, event = items[0]
    assert (due, event.timestamp) == (0.0, MONDAY - timedelta(days=1))


def test_events_of_another_run_are_other_events() -> None:
    """Their ids differ; those of the same run do not."""
    event = an_event("fault_code", "pump-1", timestamp=MONDAY - timedelta(days=900, seconds=-90))
    replay = Replay(a_recording(events=(event,)), ReplayPace())
    ids = [
        message.event_id
        for run in (0, 0, 1)
        for _, message in replay.items(START, run=run)
        if isinstance(message, FaultCode)
    ]
    assert ids[0] == ids[1] != ids[2]


def test_nothing_recorded_is_nothing_to_send() -> None:
    """And no error."""
    empty = a_recording(device=np.zeros(0, dtype=np.int32), timestamp=np.zeros(0, dtype=np.int64), values={})
    replay = Replay(empty, ReplayPace())
    assert (list(replay.items(START)), len(replay), replay.seconds) == ([], 0, 0.0)
