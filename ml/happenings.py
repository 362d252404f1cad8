"""What happened to each device and when: the latest moments, and what was known of them at any time."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, enlarged

NEVER: Final = -(1 << 62)
"""A moment before all others, in milliseconds."""


@dataclass(frozen=True, eq=False)
class Known:
    """The events that M rows know of, each an entry: its row, its kind, and how long ago it was."""

    rows: int
    kinds: int
    row: Integers
    kind: Integers
    age_ms: Integers

    def counts(self, within_ms: int) -> Floats:
        """How many events of each kind are younger than that; [rows, kinds]."""
        young = self.age_ms < within_ms
        cell = self.row[young] * self.kinds + self.kind[young]
        counted = np.bincount(cell, minlength=self.rows * self.kinds)
        return counted.astype(np.float64).reshape(self.rows, self.kinds)

    def hours(self) -> Floats:
        """Hours since the last event of each kind; NaN where there is none; [rows, kinds]."""
        least = np.full(self.rows * self.kinds, np.inf)
        np.minimum.at(least, self.row * self.kinds + self.kind, self.age_ms / 3.6e6)
        least[np.isinf(least)] = np.nan
        return least.reshape(self.rows, self.kinds)


class Happenings:
    """The latest `depth` events of each device: bounded, in whatever order they arrive, each moment and kind once."""

    def __init__(self, devices: int, *, kinds: int, depth: int) -> None:
        self._count = kinds
        self._newest = np.full(devices, NEVER, dtype=np.int64)
        self._moments = np.full((devices, depth), NEVER, dtype=np.int64)
        self._kinds = np.zeros((devices, depth), dtype=np.int64)

    def grow(self, devices: int) -> None:
        """Make room for more devices."""
        self._newest = enlarged(self._newest, devices, NEVER)
        self._moments = enlarged(self._moments, devices, NEVER)
        self._kinds = enlarged(self._kinds, devices, 0)

    def clear(self, device: Integers) -> None:
        """Forget devices."""
        self._newest[device] = self._moments[device] = NEVER

    def note(self, device: int, kind: int, at_ms: int) -> None:
        """Remember one event, unless it is known already or older than all that are kept."""
        moments, kinds = self._moments[device], self._kinds[device]
        oldest = int(moments.argmin())
        if at_ms > moments[oldest] and not ((moments == at_ms) & (kinds == kind)).any():
            moments[oldest], kinds[oldest] = at_ms, kind
            self._newest[device] = max(int(self._newest[device]), at_ms)

    def known(self, device: Integers, at_ms: Integers, *, since_ms: Integers) -> Known:
        """What happened to each row's device from `since_ms` (left out) to `at_ms`."""
        candidates = np.flatnonzero(self._newest[device] > since_ms)
        moments = self._moments[device[candidates]]
        at, since = at_ms[candidates, None], since_ms[candidates, None]
        row, place = np.nonzero((moments <= at) & (moments > since))
        age = at_ms[candidates[row]] - moments[row, place]
        return Known(len(device), self._count, candidates[row], self._kinds[device[candidates[row]], place], age)
