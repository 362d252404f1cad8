"""Labels: from the failures that followed, or from labelled ranges; never from the readings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from energytrack.events import DeviceEvent, Failure, MaintenanceDone, MaintenanceStarted
from energytrack.recording import Label
from ml.arrays import Integers, Mask

EXCLUDED: Final = -1
"""The label of a row that is excluded from training and testing."""
LONGEST_REPAIR_MS: Final = 24 * 3_600_000
"""Assumed duration of a failure or maintenance whose end is not recorded."""


@dataclass(frozen=True, eq=False)
class RowLabels:
    """Labels of n rows."""

    label: Integers
    """[n], 1 if a failure follows within the horizon, 0 if none does, EXCLUDED if that is not meaningful."""
    event: Integers
    """[n], the row in `events` of that failure (or labelled range), -1 if the label is not 1."""
    events: Integers
    """[events, 3]: device, when it failed (or the range began), and until when it lasted, in milliseconds."""
    kinds: tuple[str, ...] = ()
    """[events], the mode of the failure, or the state of the labelled range."""
    components: tuple[str, ...] = ()
    """[events], the component that failed; empty if not recorded, and without failures."""


def from_failures(
    device: Integers,
    at_ms: Integers,
    happened: Iterable[DeviceEvent],
    index: Mapping[str, int],
    *,
    horizon_ms: int,
    settle_ms: int,
) -> RowLabels:
    """Label rows by the failures after them.

    Excluded: a machine that has failed or is in maintenance, `settle_ms` after that, and rows so late that a failure
    within the horizon would lie outside the record.
    """
    happened = tuple(happened)
    failures, downtimes = _timelines(happened, index)
    events = np.array(
        sorted((d, *failure) for d, of_device in failures.items() for failure in of_device), dtype=np.int64
    )
    events = events.reshape(-1, 3)
    failure_at = {(index[e.device_id], _ms(e.timestamp.timestamp())): e for e in happened if isinstance(e, Failure)}
    first = [failure_at[d, since] for d, since, _ in events.tolist()]
    label = np.zeros(len(at_ms), dtype=np.int64)
    event = np.full(len(at_ms), -1, dtype=np.int64)
    for d, rows in _rows_of(device):  # one device after the other; its rows may be in any order
        at = at_ms[rows]
        number = np.flatnonzero(events[:, 0] == d)
        moments = events[number, 1]
        ahead = np.searchsorted(moments, at, side="right")  # the next failure after each row
        until = np.append(moments, np.iinfo(np.int64).max)[ahead] - at
        soon = until <= horizon_ms
        label[rows] = np.where(soon, 1, np.where(at > at.max() - horizon_ms, EXCLUDED, 0))
        event[rows[soon]] = number[ahead[soon]]
        down = _within(at, downtimes.get(d, ()), settle_ms)
        label[rows[down]], event[rows[down]] = EXCLUDED, -1
    kinds, components = tuple(e.mode for e in first), tuple(e.component or "" for e in first)
    return RowLabels(label, event, events, kinds, components)


def from_stretches(device: Integers, at_ms: Integers, labels: Sequence[Label], index: Mapping[str, int]) -> RowLabels:
    """Label rows by the labelled ranges that contain them, ends included."""
    stretches = sorted((index[s.device_id], _ms(s.start.timestamp()), _ms(s.end.timestamp()), s.state) for s in labels)
    events = np.array([stretch[:3] for stretch in stretches], dtype=np.int64).reshape(-1, 3)
    label = np.zeros(len(at_ms), dtype=np.int64)
    event = np.full(len(at_ms), -1, dtype=np.int64)
    for number, (d, start, end) in enumerate(events):
        within = (device == d) & (at_ms >= start) & (at_ms <= end)
        label[within], event[within] = 1, number
    return RowLabels(label, event, events, tuple(state for *_, state in stretches))


def _timelines(
    happened: Iterable[DeviceEvent], index: Mapping[str, int]
) -> tuple[dict[int, list[tuple[int, int]]], dict[int, list[tuple[int, int]]]]:
    """Failures (time, end) and downtimes (from, until), by device.

    Failures of a machine that is already down belong to the same failure.
    """
    failures: dict[int, list[tuple[int, int]]] = {}
    downtimes: dict[int, list[tuple[int, int]]] = {}
    down: dict[int, tuple[int, bool]] = {}

    def end(d: int, at: int) -> None:
        since, failed = down.pop(d)
        until = min(at, since + LONGEST_REPAIR_MS)
        downtimes.setdefault(d, []).append((since, until))
        if failed:
            failures.setdefault(d, []).append((since, until))

    for event in sorted(happened, key=lambda event: (event.timestamp, not isinstance(event, Failure))):
        d, at = index[event.device_id], _ms(event.timestamp.timestamp())
        if d in down and at > down[d][0] + LONGEST_REPAIR_MS:
            end(d, at)
        if isinstance(event, Failure):
            since, failed = down.get(d, (at, False))
            down[d] = (since if failed else at, True)
        elif isinstance(event, MaintenanceStarted):
            down.setdefault(d, (at, False))
        elif isinstance(event, MaintenanceDone) and d in down:
            end(d, at)
    for d, (since, _) in list(down.items()):
        end(d, since + LONGEST_REPAIR_MS)
    return failures, downtimes


def _within(at: Integers, stretches: Sequence[tuple[int, int]], settle_ms: int) -> Mask:
    inside = np.zeros(len(at), dtype=np.bool_)
    for start, end in stretches:
        inside |= (at >= start) & (at <= end + settle_ms)
    return inside


def _rows_of(device: Integers) -> Iterable[tuple[int, Integers]]:
    order = np.argsort(device, kind="stable")
    ids, starts = np.unique(device[order], return_index=True)
    return zip(ids.tolist(), np.split(order, starts[1:]), strict=True)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
