"""Replays a recording through the live window: features of chosen rows, each from what was known before it only.

The recording is replayed in rounds, like the batches of the live consumer: first a round's events, then its readings.
The window only keeps the latest events of a machine. If a controller sends many, the events of a whole round would push
out those that a row in its middle still sees in live scoring: rows of such machines are computed event by event.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from energytrack.events import DeviceEvent, Failure, FaultCode, MaintenanceDone
from energytrack.recording import Recording
from ml.arrays import Integers
from ml.features.device_rows import Nameplate
from ml.features.event_features import CODES_KEPT, FAILURES_KEPT, WORK_KEPT
from ml.features.spec import FeatureSpec
from ml.features.window import ROUND, Window, WindowFeatures
from ml.progress import Tick

KEPT: Final = ((FaultCode, CODES_KEPT), (MaintenanceDone, WORK_KEPT), (Failure, FAILURES_KEPT))
"""The number of events of each kind that the window keeps of a machine."""


def replayed(
    recording: Recording, spec: FeatureSpec, chosen: Integers, since: Integers, progress: Tick
) -> Iterator[tuple[slice, WindowFeatures]]:
    """Parts of the chosen rows with their features; the window contains everything before each of them.

    `chosen` holds rows of the recording, rising, and `since` the start of each row's visible history in ms.
    """
    window = Window(spec, devices=max(len(recording.devices), 1))
    plates = {d.device_id: Nameplate(d.device_type, d.age_years) for d in recording.devices}
    device = window.rows([d.device_id for d in recording.devices], plates.__getitem__)
    happened = _Events(recording.events, dict(zip(plates, device.tolist(), strict=True)), spec)
    round_of = -(-recording.timestamp // (spec.bucket_ms * ROUND))
    ends = np.append(np.flatnonzero(np.diff(round_of)) + 1, len(round_of)) if len(round_of) else np.array([], dtype=int)
    start = 0
    for end in ends.tolist():
        at = recording.timestamp[start:end]
        values = np.column_stack([recording.values[signal][start:end] for signal in spec.signals])
        upcoming = happened.until(int(at[-1]))
        noisy = happened.noisy(int(at[0]), int(at[-1]), upcoming)
        for row, event in upcoming:
            if row not in noisy:
                window.note(row, event)
        window.add(device[recording.device[start:end]], at, values)
        part = slice(*np.searchsorted(chosen, (start, end)).tolist())
        rows = chosen[part]
        row_of_reading, moments = device[recording.device[rows]], recording.timestamp[rows]
        if len(rows) and not noisy:
            yield part, window.look(row_of_reading, moments, since_ms=since[part])
        elif len(rows):
            yield part, _event_by_event(window, row_of_reading, moments, since[part], noisy=noisy, upcoming=upcoming)
        for row, event in upcoming:
            if row in noisy:
                window.note(row, event)  # events after the last chosen row; all others were noted already
        progress((end - start) / len(round_of))
        start = end


def _event_by_event(
    window: Window, device: Integers, at_ms: Integers, since_ms: Integers,
    *, noisy: set[int], upcoming: Sequence[tuple[int, DeviceEvent]],
) -> WindowFeatures:  # fmt: skip
    """The features of rows, sorted by time; rows of noisy machines see only the events before them."""
    features = np.empty((len(device), len(window.spec.names)), dtype=np.float32)
    filled = np.empty(len(device), dtype=np.int64)

    def look(rows: Integers) -> None:
        if len(rows):
            seen = window.look(device[rows], at_ms[rows], since_ms=since_ms[rows])
            features[rows], filled[rows] = seen.features, seen.filled

    look(np.flatnonzero(~np.isin(device, list(noisy))))
    for row in noisy:
        own = np.flatnonzero(device == row)
        looked = 0
        for event in (event for event_row, event in upcoming if event_row == row):
            before = int(np.searchsorted(at_ms[own], _ms(event)))
            look(own[looked:before])
            looked = max(looked, before)
            window.note(row, event)
        look(own[looked:])
    return WindowFeatures(features, filled)


class _Events:
    """A recording's events in turn, and which machines have more of them than the window keeps."""

    def __init__(self, events: Sequence[DeviceEvent], row_of: dict[str, int], spec: FeatureSpec) -> None:
        relevant = sorted((e for e in events if e.device_id in row_of), key=lambda event: event.timestamp)
        self._events = [(row_of[event.device_id], event) for event in relevant]
        self._at_ms = np.array([_ms(event) for event in relevant], dtype=np.int64)
        self._taken = 0
        self._span_ms = round(spec.codes_reach_hours * 3.6e6)
        self._codes: dict[int, list[int]] = {}
        for row, event in self._events:
            if isinstance(event, FaultCode):
                self._codes.setdefault(row, []).append(_ms(event))

    def until(self, moment_ms: int) -> list[tuple[int, DeviceEvent]]:
        """The events that follow those taken so far, up to a moment."""
        end = int(np.searchsorted(self._at_ms, moment_ms, side="right"))
        events = self._events[self._taken : end]
        self._taken = max(self._taken, end)
        return events

    def noisy(self, first_ms: int, last_ms: int, upcoming: Sequence[tuple[int, DeviceEvent]]) -> set[int]:
        """The machines with events that the first rows of a round see, but the window forgets by its end."""
        noisy_rows: set[int] = set()
        for row in {row for row, _ in upcoming}:
            own = [event for event_row, event in upcoming if event_row == row]
            full = any(sum(isinstance(event, kind) for event in own) >= kept for kind, kept in KEPT[1:])
            codes = self._codes.get(row, [])
            lately = np.searchsorted(codes, (first_ms - self._span_ms, last_ms), side="right")
            if full or int(lately[1] - lately[0]) > CODES_KEPT:
                noisy_rows.add(row)
        return noisy_rows


def _ms(event: DeviceEvent) -> int:
    return int(event.timestamp.timestamp() * 1000)
