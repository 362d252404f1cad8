"""Schedules recorded data: which message is due when, and its timestamp."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from energytrack.events import DeviceEvent, StateChanged
from energytrack.fields import State
from energytrack.messages import Reading
from energytrack.recording import Recording
from simulator.machines.arrays import Floats, Ints
from simulator.plant.events import event_id, milliseconds, moment

REGISTER = "energy_kwh"
"""A column of this name is the meter's register."""
_OWN = ("temperature", "pressure", "current", REGISTER)
_CHUNK = 10_000


class ReplayPace(Struct, frozen=True):
    """How recorded time is converted to the present."""

    speed: float = 1.0
    """Recorded seconds per second; infinite means as fast as possible."""
    keep_timestamps: bool = False
    """Messages keep their own timestamps; otherwise each is stamped with the time at which it is due."""
    together: bool = True
    """Every machine's first reading is due at the start; otherwise machines keep their relative times."""
    longest_gap: float = 10.0
    """Longer gaps between two readings of a machine are shortened to this many of the recording's intervals."""


class Item(NamedTuple):
    """One message."""

    due_seconds: float
    """After the start, not negative."""
    message: Reading | DeviceEvent


class Replay:
    """A recording and when each of its readings and events is due."""

    def __init__(self, recording: Recording, pace: ReplayPace) -> None:
        self.recording = recording
        self.pace = pace
        self._due, self._event_due = _layout(recording, pace)
        self.seconds = float(self._due.max()) if len(self._due) else 0.0
        """From the first reading to the last."""

    def __len__(self) -> int:
        return len(self._due) + len(self._event_due)

    def items(self, start_ms: int, *, run: int = 0) -> Iterator[Item]:
        """The messages in the order in which they are due, for a run that begins at `start_ms`.

        Events of another `run` have ids of their own. A reading has the state of the last `state_changed` before it.
        """
        events = np.argsort(self._event_due, kind="stable").tolist()
        states: dict[str, State] = {}
        following = 0
        for due, reading in self._readings(start_ms):
            while following < len(events) and self._event_due[events[following]] <= due:
                yield self._event(events[following], start_ms, run, states)
                following += 1
            state = states.get(reading.device_id)
            yield Item(due, reading if state is None else replace(reading, state=state))
        for i in events[following:]:
            yield self._event(i, start_ms, run, states)

    def _readings(self, start_ms: int) -> Iterator[tuple[float, Reading]]:
        recording = self.recording
        order = np.argsort(self._due, kind="stable")
        further = [name for name in recording.values if name not in _OWN]
        for chunk in np.split(order, range(_CHUNK, len(order), _CHUNK)):
            due = self._due[chunk]
            stamps = recording.timestamp[chunk] if self.pace.keep_timestamps else start_ms + _milliseconds(due)
            own = [_values(recording, name, chunk) for name in _OWN]
            more = [_values(recording, name, chunk) for name in further]
            for i, (seconds, at_ms, index) in enumerate(
                zip(due.tolist(), stamps.tolist(), recording.device[chunk].tolist(), strict=True)
            ):
                device = recording.devices[index]
                yield (
                    seconds,
                    Reading(
                        device_id=device.device_id,
                        timestamp=moment(at_ms),
                        temperature=own[0][i],
                        pressure=own[1][i],
                        current=own[2][i],
                        device_type=device.device_type,
                        line=device.line,
                        energy_kwh=own[3][i],
                        signals={name: column[i] for name, column in zip(further, more, strict=True)},
                    ),
                )

    def _event(self, i: int, start_ms: int, run: int, states: dict[str, State]) -> Item:
        event, due = self.recording.events[i], float(self._event_due[i])
        if isinstance(event, StateChanged):
            states[event.device_id] = event.state
        at_ms = milliseconds(event.timestamp) if self.pace.keep_timestamps else start_ms + round(due * 1000)
        own_id = event_id(at_ms, event.device_id, event.event_id, str(run))
        return Item(max(due, 0.0), replace(event, event_id=own_id, timestamp=moment(at_ms)))


def _layout(recording: Recording, pace: ReplayPace) -> tuple[Floats, Floats]:
    """When each reading and each event is due, in seconds after the start.

    An event is due between the same readings of its machine as in the recording; one before the first of them is due
    before it, possibly before the start.
    """
    due, event_due = np.zeros(len(recording)), np.zeros(len(recording.events))
    if len(recording) == 0:
        return due, event_due
    speed = pace.speed if np.isfinite(pace.speed) else 1e9
    first_ms = int(recording.timestamp[0])
    seconds = (recording.timestamp - first_ms) / 1000.0 / speed
    event_seconds = (
        (np.array([milliseconds(event.timestamp) for event in recording.events]) - first_ms) / 1000.0 / speed
    )
    longest = pace.longest_gap * recording.interval_seconds / speed
    index = {device.device_id: i for i, device in enumerate(recording.devices)}
    owner = np.array([index.get(event.device_id, -1) for event in recording.events], dtype=np.int64)
    for device in range(len(recording.devices)):
        rows, events = np.flatnonzero(recording.device == device), np.flatnonzero(owner == device)
        if len(rows) == 0:
            continue
        own = seconds[rows]
        begin = 0.0 if pace.together else own[0]
        due[rows] = begin + np.concatenate([[0.0], np.cumsum(np.minimum(np.diff(own), longest))])
        when = event_seconds[events]
        early, late = np.minimum(when - own[0], 0.0), np.clip(when - own[-1], 0.0, longest)
        event_due[events] = np.interp(when, own, due[rows]) + early + late
    return due, event_due


def _values(recording: Recording, name: str, chunk: Ints) -> list[float | None]:
    """A column's values, None where the sensor was lost or there is no such column."""
    column = recording.values.get(name)
    if column is None:
        return [None] * len(chunk)
    values: list[float | None] = column[chunk].tolist()
    for lost in np.flatnonzero(~np.isfinite(column[chunk])).tolist():
        values[lost] = None
    return values


def _milliseconds(seconds: Floats) -> Ints:
    return np.rint(seconds * 1000.0).astype(np.int64)
