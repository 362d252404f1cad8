"""A machine's usual range: the range of its signals and how they are correlated, from blocks of its own history."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Mask, enlarged

LEAST_BLOCKS: Final = 2
"""With fewer blocks than this the usual range is unknown."""
LAG: Final = 1
"""Number of newest complete blocks that are left out."""
LIMIT: Final = 100.0
"""Deviations are clipped to this."""


@dataclass(frozen=True, eq=False)
class UsualRange:
    """The usual means of M rows, and the inverse of the signals' covariance; NaN if too little is known."""

    center: Floats
    """[M, signals]."""
    precision: Floats
    """[M, signals, signals]."""
    deviation: Floats
    """[M, signals], the usual deviation of each signal by itself."""

    def shift(self, observed: Floats) -> Floats:
        """The deviation of each signal from what the other signals predict, in usual deviations; [M, signals].

        The regression-adjusted variables of D. M. Hawkins (Technometrics 33, 1991): they show which signal is abnormal.
        """
        pull = np.einsum("mij,mj->mi", self.precision, observed - self.center)
        adjusted: Floats = np.clip(pull / np.sqrt(np.einsum("mii->mi", self.precision)), -LIMIT, LIMIT)
        return adjusted

    def departure(self, observed: Floats) -> Floats:
        """The deviation of each signal by itself from the usual mean, in usual deviations; [M, signals]."""
        return np.clip((observed - self.center) / self.deviation, -LIMIT, LIMIT)

    def distance(self, observed: Floats) -> Floats:
        """Hotelling's T² over the number of signals: about 1 for a single normal reading; [M]."""
        off = observed - self.center
        squared: Floats = np.einsum("mi,mij,mj->m", off, self.precision, off) / off.shape[1]
        return np.minimum(squared, LIMIT**2)


class BlockRing:
    """Count, sums and products of the signals, by device and block of time, in a ring buffer."""

    def __init__(self, devices: int, *, signals: int, blocks: int) -> None:
        self._signals = signals
        self._blocks = blocks
        self._upper = np.triu_indices(signals)
        self._block = np.full(devices * blocks, -1, dtype=np.int64)
        self._sums = np.zeros((devices * blocks, 1 + signals + len(self._upper[0])))

    def grow(self, devices: int) -> None:
        """Add rows for more devices."""
        self._block = enlarged(self._block, devices * self._blocks, -1)
        self._sums = enlarged(self._sums, devices * self._blocks, 0.0)

    def clear(self, device: Integers) -> None:
        """Forget devices."""
        self._block.reshape(-1, self._blocks)[device] = -1

    def put(self, device: Integers, block: Integers, means: Floats) -> None:
        """Store blocks, each from the bucket means [n, buckets, signals] in it; an existing block is replaced.

        A bucket with a lost sensor does not show how signals are correlated, and is left out.
        """
        cell = device * self._blocks + block % self._blocks
        newest = np.flatnonzero(block >= self._block[cell])
        cell, block, means = cell[newest], block[newest], means[newest]
        whole: Mask = np.asarray(np.isfinite(means).all(axis=2))
        means = np.where(whole[:, :, None], means, 0.0)
        products = np.einsum("nbi,nbj->nij", means, means)
        i, j = self._upper
        count = whole.sum(axis=1, dtype=np.float64)
        self._block[cell] = block
        self._sums[cell] = np.concatenate([count[:, None], means.sum(axis=1), products[:, i, j]], axis=1)

    def usual(self, device: Integers, block: Integers, *, since: Integers, reach: int, floors: Floats) -> UsualRange:
        """The usual range from `reach` blocks before each row's own block, not before block `since`.

        The block just before a row's own is left out: an abnormal state should not become usual within an hour.
        `floors` holds the minimum deviation of each signal: a smaller difference is noise.
        """
        wanted = block[:, None] - np.arange(1 + LAG, reach + LAG + 1)
        cell = device[:, None] * self._blocks + wanted % self._blocks
        sums = self._sums[cell]
        sums[(self._block[cell] != wanted) | (wanted < since[:, None])] = 0.0
        enough = (sums[..., 0] > 0).sum(axis=1) >= LEAST_BLOCKS
        total = sums.sum(axis=1)
        return _moments(total, enough, self._signals, floors)


def _moments(total: Floats, enough: Mask, signals: int, floors: Floats) -> UsualRange:
    count = np.where(enough, total[:, 0], 1.0)[:, None]
    mean = total[:, 1 : 1 + signals] / count
    i, j = np.triu_indices(signals)
    products = np.empty((len(total), signals, signals))
    products[:, i, j] = products[:, j, i] = total[:, 1 + signals :] / count
    covariance = products - mean[:, :, None] * mean[:, None, :]
    diagonal = np.arange(signals)
    covariance[:, diagonal, diagonal] = 1.02 * np.maximum(covariance[:, diagonal, diagonal], 0.0) + floors**2
    covariance[~enough] = np.eye(signals)
    precision = np.linalg.inv(covariance).astype(np.float64, copy=False)
    mean[~enough] = np.nan
    return UsualRange(mean, precision, np.sqrt(covariance[:, diagonal, diagonal]))
