"""Recorded data through the bus again."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.decoding.parsing import parse_event, parse_reading
from energytrack.recording import Recording, read_recording, write_recording
from energytrack.topics import EVENTS, READINGS
from simulator.history import history
from simulator.machines.rates import Rates
from simulator.plant.factory import Factory
from simulator.recorded import Replay, ReplayPace
from simulator.replay import play
from testkit.builders.plants import MONDAY, a_plant

SHARED = Path(__file__).parents[4] / "shared" / "data"
"""Where recordings of other people's machines may lie; they are no part of the project."""


def a_history() -> Recording:
    factory = Factory(
        a_plant(6), seed=2, rates=Rates(wear_speed=200, onset_speed=200, repair_speed=20, lost_per_day=20)
    )
    return history(factory, until=MONDAY - timedelta(days=98), days=0.1, meters=True)


def replayed(recording: Recording, pace: ReplayPace) -> tuple[MemoryBus, ManualClock, list[int]]:
    bus, clock, counts = MemoryBus(), ManualClock(MONDAY), list[int]()
    play(Replay(recording, pace), bus.sink(), clock=clock, stop=threading.Event(), progress=counts.append)
    return bus, clock, counts


@pytest.mark.parametrize("columnar", [True, False])
def test_a_recording_from_a_folder_arrives_as_it_was(tmp_path: Path, columnar: bool) -> None:
    """Values, lost sensors, registers, states and events, at the pace of the clock."""
    recording = a_history()
    write_recording(tmp_path, recording, columnar=columnar)
    bus, clock, counts = replayed(read_recording(tmp_path), ReplayPace())
    assert clock.now() - MONDAY == timedelta(days=0.1, minutes=-1)
    assert sum(counts) == len(recording) + len(recording.events)
    readings = [parse_reading(value, clock.now()) for value in bus.values(READINGS)]
    assert len({(reading.device_id, reading.timestamp) for reading in readings}) == len(recording)
    name = recording.devices[0].device_id
    own = sorted((r for r in readings if r.device_id == name), key=lambda r: r.timestamp)
    recorded = recording.values["current"][recording.device == 0]
    assert [r.current for r in own] == [None if value != value else value for value in recorded.tolist()]  # noqa: PLR0124
    assert {r.state for r in own} > {"running"}
    assert own[-1].energy_kwh > own[0].energy_kwh  # type: ignore[operator]
    events = [parse_event(value, clock.now()) for value in bus.values(EVENTS)]
    assert len({event.event_id for event in events}) == len(recording.events)


def test_a_replay_stops_on_request() -> None:
    """In the middle of a wait, too."""
    stop = threading.Event()

    class StoppingClock(ManualClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.now() > MONDAY + timedelta(minutes=3):
                stop.set()

    bus = MemoryBus()
    clock = StoppingClock(MONDAY)
    play(Replay(a_history(), ReplayPace()), bus.sink(), clock=clock, stop=stop)
    assert 0 < len(bus.values(READINGS)) <= 6 * 5
    assert clock.now() < MONDAY + timedelta(minutes=4)


def test_a_bus_that_is_slow_delays_and_loses_nothing() -> None:
    """A replay that cannot keep the pace sends everything all the same."""
    recording = a_history()
    clock = ManualClock(MONDAY)

    class Slow(MemoryBus):
        def flush_slowly(self) -> None:
            clock.advance(200)

    bus = Slow()
    sink = bus.sink()
    sink.flush = bus.flush_slowly  # type: ignore[method-assign]
    play(Replay(recording, ReplayPace()), sink, clock=clock, stop=threading.Event())
    assert len(bus.values(READINGS)) == len(recording)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no recordings of other people's machines on this computer")
def test_recordings_of_other_people_s_machines_travel_whole() -> None:
    """Whatever lies there: each reading arrives once and is understood, with all its signals."""
    for folder in sorted(path for path in SHARED.iterdir() if (path / "recording.toml").exists()):
        recording = read_recording(folder)
        span = max(Replay(recording, ReplayPace()).seconds, 1.0)
        bus, clock, _ = replayed(recording, ReplayPace(speed=span / 600))
        readings = [parse_reading(value, clock.now()) for value in bus.values(READINGS)]
        assert len(readings) == len(recording), folder.name
        assert {r.device_id for r in readings} == {
            recording.devices[i].device_id for i in set(recording.device.tolist())
        }
        further = set(recording.values) - {"temperature", "pressure", "current"}
        assert {frozenset(reading.signals) for reading in readings} == {frozenset(further)}
        assert len([parse_event(value, clock.now()) for value in bus.values(EVENTS)]) == len(recording.events)
