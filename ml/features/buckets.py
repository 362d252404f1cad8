"""Sums of readings by device and time bucket, in a ring buffer that tolerates late, repeated and reordered readings.

Bucket k of length b holds the readings of (kb - b, kb]: a reading at exactly kb completes it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ml.arrays import Floats, Integers, Mask, enlarged, run_starts

UNITS: Final = 60
"""A bucket has this many units (seconds, if it is a minute long); one reading of a device counts in each."""
NOTHING: Final = -1
"""No bucket."""


class BucketRing:
    """Count and sum of each signal, by device and bucket; old buckets are overwritten."""

    def __init__(self, devices: int, *, signals: int, bucket_ms: int, slots: int) -> None:
        self._signals = signals
        self._bucket_ms = bucket_ms
        self._slots = slots
        self.newest = np.full(devices, NOTHING, dtype=np.int64)
        """The newest bucket of each device with any reading."""
        self._bucket = np.full(devices * slots, NOTHING, dtype=np.int64)
        self._heard = np.zeros(devices * slots, dtype=np.uint64)
        self._marked = np.zeros(devices * slots, dtype=np.uint64)
        self._sums = np.zeros((devices * slots, 2 * signals))

    def grow(self, devices: int) -> None:
        """Add rows for more devices."""
        cells = devices * self._slots
        self.newest = enlarged(self.newest, devices, NOTHING)
        self._bucket = enlarged(self._bucket, cells, NOTHING)
        self._heard = enlarged(self._heard, cells, 0)
        self._marked = enlarged(self._marked, cells, 0)
        self._sums = enlarged(self._sums, cells, 0)

    def clear(self, device: Integers) -> None:
        """Forget devices."""
        self.newest[device] = NOTHING
        self._bucket.reshape(-1, self._slots)[device] = NOTHING

    def add(self, device: Integers, at_ms: Integers, values: Floats) -> Integers:
        """Count readings, given as [n], [n] and [n, signals], and return which rows counted.

        A row does not count if its unit of time already has a reading, or its bucket has left the ring.
        """
        cell, bucket, unit = self._place(device, at_ms)
        np.maximum.at(self.newest, device, bucket)
        self._clear_reused(cell, np.where(bucket > self.newest[device] - self._slots, bucket, NOTHING))
        rows = self._first_heard(self._heard, cell, bucket, unit)
        if len(rows) == 0:
            return rows
        value = values[rows]
        is_finite = np.isfinite(value)
        first = run_starts(cell[rows])
        terms = np.concatenate([is_finite, np.where(is_finite, value, 0.0)], axis=1)
        self._sums[cell[rows][first]] += np.add.reduceat(terms, first)
        return rows

    def heard_after(self, device: Integers, moment_ms: int) -> Mask:
        """[n], whether each device sent a reading, by its own clock, after this moment."""
        bucket, unit = self._bucket_and_unit(np.array([moment_ms]))
        newest = self.newest[device]
        last_heard = self._heard[device * self._slots + newest % self._slots]
        later: Mask = (newest > bucket) | ((newest == bucket) & (last_heard >> (unit + 1).astype(np.uint64) != 0))
        return later

    def forget_from(self, device: Integers, moment_ms: Integers) -> None:
        """Accept readings of devices from these moments on again, [n] each, no device twice."""
        bucket, unit = self._bucket_and_unit(moment_ms)
        ring = self._bucket.reshape(-1, self._slots)
        kept = ring[device]  # a copy, [n, slots]
        kept[kept > bucket[:, None]] = NOTHING
        ring[device] = kept
        self.newest[device] = kept.max(axis=1, initial=NOTHING)
        cell = device * self._slots + bucket % self._slots
        before = (np.uint64(1) << unit.astype(np.uint64)) - np.uint64(1)  # bits of the units before that of the moment
        for mask in (self._heard, self._marked):
            mask[cell] &= before

    def mark(self, device: Integers, at_ms: Integers) -> Integers:
        """Mark the units of time of rows; returns the rows that were first to mark theirs."""
        return self._first_heard(self._marked, *self._place(device, at_ms))

    def means(self, device: Integers, bucket: Integers, length: int) -> Floats:
        """The means of the `length` buckets that end with each row's `bucket`, youngest first: [rows, length, signals].

        NaN for an empty bucket.
        """
        wanted = bucket[:, None] - np.arange(length)
        cell = device[:, None] * self._slots + wanted % self._slots
        sums = self._sums[cell]
        count = sums[..., : self._signals]
        count[self._bucket[cell] != wanted] = np.nan
        count[count == 0] = np.nan
        means: Floats = sums[..., self._signals :] / count
        return means

    def _place(self, device: Integers, at_ms: Integers) -> tuple[Integers, Integers, Integers]:
        bucket, unit = self._bucket_and_unit(at_ms)
        return device * self._slots + bucket % self._slots, bucket, unit

    def _bucket_and_unit(self, at_ms: Integers) -> tuple[Integers, Integers]:
        bucket = -(-at_ms // self._bucket_ms)
        within = at_ms - 1 - (bucket - 1) * self._bucket_ms
        return bucket, within * UNITS // self._bucket_ms

    def _clear_reused(self, cell: Integers, bucket: Integers) -> None:
        """Clear the cells that are reused for a newer bucket."""
        newer: Mask = bucket > self._bucket[cell]
        if newer.any():
            turned = cell[newer]
            np.maximum.at(self._bucket, turned, bucket[newer])
            self._heard[turned] = self._marked[turned] = 0
            self._sums[turned] = 0.0

    def _first_heard(self, mask: npt.NDArray[np.uint64], cell: Integers, bucket: Integers, unit: Integers) -> Integers:
        """Rows, sorted by cell, whose bit was not set in the mask; sets it."""
        rows: Integers = np.unique(cell * UNITS + unit, return_index=True)[1]
        bit = np.uint64(1) << unit[rows].astype(np.uint64)
        fresh = (self._bucket[cell[rows]] == bucket[rows]) & ((mask[cell[rows]] & bit) == 0)
        rows, bit = rows[fresh], bit[fresh]
        if len(rows):
            first = run_starts(cell[rows])
            mask[cell[rows][first]] |= np.bitwise_or.reduceat(bit, first)
        return rows
