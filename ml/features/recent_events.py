"""Recent events of each device: the latest times, as known at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, enlarged

NEVER: Final = -(1 << 62)
"""A time before all others, in milliseconds."""
MOST_NAMES: Final = 1000
"""Further names share one entry: a faulty gateway must not fill the memory."""


@dataclass(frozen=True, eq=False)
class KnownEvents:
    """The events known to M rows, each with its row, its kind and its age."""

    rows: int
    kinds: int
    row: Integers
    kind: Integers
    age_ms: Integers

    def counts(self, within_ms: int) -> Floats:
        """The number of events of each kind that are younger than `within_ms`; [rows, kinds]."""
        young = self.age_ms < within_ms
        cell = self.row[young] * self.kinds + self.kind[young]
        counted = np.bincount(cell, minlength=self.rows * self.kinds)
        return counted.astype(np.float64).reshape(self.rows, self.kinds)

    def totals(self, within_ms: Sequence[int], *, since_hours: Floats) -> Floats:
        """The number of events of any kind that are younger than each of these rising spans; [rows, spans].

        Only those younger than `since_hours`, [rows], count; all of a row if it is NaN.
        """
        spans = len(within_ms)
        young = ~(self.age_ms >= np.rint(since_hours * 3.6e6)[self.row])
        first = np.searchsorted(np.array(within_ms, dtype=np.int64), self.age_ms[young], side="right")
        counted = np.bincount(self.row[young] * (spans + 1) + first, minlength=self.rows * (spans + 1))
        totals: Floats = counted.reshape(self.rows, spans + 1)[:, :spans].cumsum(axis=1).astype(np.float64)
        return totals

    def hours(self, within_ms: float = np.inf) -> Floats:
        """Hours since the last event of each kind; NaN if none is younger than `within_ms`; [rows, kinds]."""
        young = self.age_ms < within_ms
        least = np.full(self.rows * self.kinds, np.inf)
        np.minimum.at(least, self.row[young] * self.kinds + self.kind[young], self.age_ms[young] / 3.6e6)
        least[np.isinf(least)] = np.nan
        return least.reshape(self.rows, self.kinds)


class RecentEvents:
    """The latest `depth` events of each device: bounded, in any order of arrival, each time and name once."""

    def __init__(self, devices: int, *, depth: int) -> None:
        self._numbers: dict[str, int] = {}
        self._newest = np.full(devices, NEVER, dtype=np.int64)
        self._moments = np.full((devices, depth), NEVER, dtype=np.int64)
        self._names = np.zeros((devices, depth), dtype=np.int64)

    def grow(self, devices: int) -> None:
        """Add rows for more devices."""
        self._newest = enlarged(self._newest, devices, NEVER)
        self._moments = enlarged(self._moments, devices, NEVER)
        self._names = enlarged(self._names, devices, 0)

    def clear(self, device: Integers) -> None:
        """Forget devices."""
        self._newest[device] = self._moments[device] = NEVER

    def note(self, device: int, name: str, at_ms: int) -> None:
        """Store one event, unless it is already stored or older than all stored ones."""
        if len(self._numbers) < MOST_NAMES:
            self._numbers.setdefault(name, len(self._numbers) + 1)
        number = self._numbers.get(name, 0)
        moments, names = self._moments[device], self._names[device]
        oldest = int(moments.argmin())
        if at_ms > moments[oldest] and not ((moments == at_ms) & (names == number)).any():
            moments[oldest], names[oldest] = at_ms, number
            self._newest[device] = max(int(self._newest[device]), at_ms)

    def lookup(self, device: Integers, at_ms: Integers, *, since_ms: Integers, among: Sequence[str]) -> KnownEvents:
        """The events of each row's device from `since_ms` (exclusive) to `at_ms`.

        The kind of an entry is the place of its name in `among`; other names have the kind after the last.
        """
        candidates = np.flatnonzero(self._newest[device] > since_ms)
        moments = self._moments[device[candidates]]
        at, since = at_ms[candidates, None], since_ms[candidates, None]
        row, place = np.nonzero((moments <= at) & (moments > since))
        kind = np.full(len(self._numbers) + 1, len(among), dtype=np.int64)
        for position, name in enumerate(among):
            if name in self._numbers:
                kind[self._numbers[name]] = position
        return KnownEvents(
            rows=len(device),
            kinds=len(among) + 1,
            row=candidates[row],
            kind=kind[self._names[device[candidates[row]], place]],
            age_ms=at_ms[candidates[row]] - moments[row, place],
        )
