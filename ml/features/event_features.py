"""The features of a device's fault codes, failures and maintenance, as known at any moment."""

from typing import Final

import numpy as np

from energytrack.events import DeviceEvent, Failure, FaultCode, MaintenanceDone
from ml.arrays import Floats, Integers
from ml.features.recent_events import RecentEvents
from ml.features.spec import FeatureSpec

CODES_KEPT: Final = 64
WORK_KEPT: Final = 32
FAILURES_KEPT: Final = 4


class EventFeatures:
    """The latest events of each device, and the features computed from them."""

    def __init__(self, devices: int) -> None:
        self._codes = RecentEvents(devices, depth=CODES_KEPT)
        self._work = RecentEvents(devices, depth=WORK_KEPT)
        self._failures = RecentEvents(devices, depth=FAILURES_KEPT)

    def grow(self, devices: int) -> None:
        """Add rows for more devices."""
        for part in (self._codes, self._work, self._failures):
            part.grow(devices)

    def clear(self, device: Integers) -> None:
        """Forget devices."""
        for part in (self._codes, self._work, self._failures):
            part.clear(device)

    def note(self, device: int, event: DeviceEvent) -> None:
        """Store an event; kinds that no feature uses are ignored."""
        at_ms = int(event.timestamp.timestamp() * 1000)
        match event:
            case FaultCode():
                self._codes.note(device, event.code, at_ms)
            case MaintenanceDone():
                self._work.note(device, event.component, at_ms)
            case Failure():
                self._failures.note(device, event.mode, at_ms)
            case _:
                pass

    def look(self, spec: FeatureSpec, device: Integers, at_ms: Integers, since_ms: Integers) -> Floats:
        """Features in the order of FeatureSpec.names, [M, features of events]; nothing up to `since_ms` is used."""
        spans = [_milliseconds(hours) for hours in spec.code_hours]
        lately = np.maximum(since_ms, at_ms - _milliseconds(spec.codes_reach_hours))
        codes = self._codes.lookup(device, at_ms, since_ms=lately, among=spec.codes)
        counts = [codes.counts(span) for span in spans]
        failure = self._failures.lookup(device, at_ms, since_ms=since_ms, among=()).hours()
        work = self._work.lookup(device, at_ms, since_ms=since_ms, among=spec.components).hours()
        last_work = np.fmin.reduce(work, axis=1, keepdims=True)
        repaired = np.fmin(failure, last_work)[:, 0]
        since_repair = [_milliseconds(hours) for hours in spec.repair_hours]
        return np.concatenate(
            [
                *(count.sum(axis=1, keepdims=True) for count in counts),
                counts[-1],
                np.fmin.reduce(codes.hours(spans[-1]), axis=1, keepdims=True),
                failure,
                last_work,
                work,
                *([codes.totals(since_repair, since_hours=repaired)] if since_repair else []),
            ],
            axis=1,
        )


def _milliseconds(hours: float) -> int:
    return round(hours * 3.6e6)
