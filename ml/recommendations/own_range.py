"""Detects unusual behaviour: Hotelling's T² against the machine's own history at work.

This does not need to know what a failure looks like: it only detects that the signals, or their correlation, have left
the range of this machine. Each machine's signals are sampled once per window of work; a standstill, with different
signals, is not part of a machine's range. The mean of the `RECENT` newest samples is compared with the `KEPT` samples
before the `LAG` newest, so an abnormal state does not become usual soon. Both the centre and the limit are robust: a
few unusual hours move neither.
"""

from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Mask, enlarged
from ml.recommendations.device_order import DeviceOrder

KEPT: Final = 192
LAG: Final = 24
RECENT: Final = 4
LEAST: Final = 96
"""With fewer samples than this there is no comparison: a machine needs a day, to cover day and night."""
LEAST_LIMIT: Final = 6.0
"""The lowest limit of T² over the number of signals; a machine with a more variable history has a higher one."""
WIDTH: Final = 6.0
"""The limit is this many robust deviations above the median of a machine's own past distances."""
FLOOR: Final = 0.01
"""As a share of a signal's usual value: a smaller difference is noise."""
_SIZE: Final = LAG + KEPT


class OwnRange:
    """The latest samples of each device, and the result of the newest; bounded, in arrays by device."""

    def __init__(self, devices: int, *, signals: int) -> None:
        self._windows_worked = np.zeros(devices, dtype=np.int64)
        """[devices], how many whole windows the current period of work has lasted: one sample is due in each."""
        self._count = np.zeros(devices, dtype=np.int64)
        """[devices], total number of samples; sample n is at n modulo the size of the ring."""
        self._samples = np.full((devices, _SIZE, signals), np.nan, dtype=np.float32)
        """[devices, ring, signals], each signal's mean over one window of work."""
        self._distances = np.full((devices, KEPT), np.nan, dtype=np.float32)
        """[devices, ring], the T² of earlier samples, which determine the machine's own limit."""
        self._latest = np.full((devices, 1 + signals), np.nan)
        """[devices, 1 + signals], the result of the newest sample: T² over the limit, then each signal's deviation."""

    def grow(self, devices: int) -> None:
        self._windows_worked = enlarged(self._windows_worked, devices, 0)
        self._count = enlarged(self._count, devices, 0)
        self._samples = enlarged(self._samples, devices, np.nan)
        self._distances = enlarged(self._distances, devices, np.nan)
        self._latest = enlarged(self._latest, devices, np.nan)

    def clear(self, device: Integers) -> None:
        """Forget devices that moved to another consumer, or that were changed by maintenance."""
        self._windows_worked[device] = self._count[device] = 0
        self._samples[device] = self._distances[device] = np.nan
        self._latest[device] = np.nan

    def update(self, order: DeviceOrder, windows: Floats, means: Floats) -> tuple[Floats, Floats]:
        """The distance of each reading's machine from its range, [M], and of its signals, [M, signals]; NaN if unknown.

        The first as a multiple of its limit; the second in usual deviations from what the other signals predict.
        `windows` [M] is the number of windows that the machine has worked without interruption, `means` [M, signals]
        are the signals' means over the latest window; all sorted like `order`.
        """
        number = np.floor(windows).astype(np.int64)
        due = (number >= 1) & (number != order.previous(number, self._windows_worked))
        self._windows_worked[order.device[order.last]] = number[order.last]
        before = self._latest[order.device]
        places = np.flatnonzero(due & np.isfinite(means).all(axis=1))
        if len(places) == 0:
            return before[:, 0], before[:, 1:]
        fresh = before.copy()
        for wave in _waves(order.device, places):
            fresh[wave] = self._sample(order.device[wave], means[wave])
        usual = _carried_on(order, places, before, fresh)
        return usual[:, 0], usual[:, 1:]

    def _sample(self, device: Integers, means: Floats) -> Floats:
        """Store one sample [signals] of each of n different devices, and compare it; [n, 1 + signals]."""
        self._samples[device, self._count[device] % _SIZE] = means
        self._count[device] += 1
        ages = np.arange(_SIZE)
        place = (self._count[device, None] - 1 - ages) % _SIZE  # in the ring, newest first
        samples = self._samples[device[:, None], place].astype(np.float64)
        enough = np.flatnonzero(self._count[device] >= LAG + LEAST)
        compared = np.full((len(device), 1 + means.shape[1]), np.nan)
        if len(enough):
            distance, shift = _compared(samples[enough, :RECENT].mean(axis=1), samples[enough, LAG:])
            ready = device[enough]
            compared[enough, 0] = distance / limit_of(self._distances[ready].astype(np.float64))
            compared[enough, 1:] = shift
            self._distances[ready, self._count[ready] % KEPT] = distance
        self._latest[device] = compared
        return compared


def _compared(recent: Floats, past: Floats) -> tuple[Floats, Floats]:
    """T² over the number of signals, [n], and the regression-adjusted deviations of Hawkins (1991), [n, signals].

    `recent` is [n, signals], `past` is [n, samples, signals], NaN if missing.
    """
    median = np.nanmedian(past, axis=1, keepdims=True)
    floor = FLOOR * np.abs(median) + 1e-6
    reach = 4.0 * 1.4826 * np.nanmedian(np.abs(past - median), axis=1, keepdims=True) + floor
    held = np.clip(past, median - reach, median + reach)  # limits the influence of outliers (Winsor)
    center = np.nanmean(held, axis=1)  # [n, signals]
    off = np.nan_to_num(held - center[:, None])
    count = np.isfinite(held).all(axis=2).sum(axis=1)
    covariance = np.einsum("nsi,nsj->nij", off, off) / count[:, None, None]
    diagonal = np.arange(past.shape[2])
    covariance[:, diagonal, diagonal] += floor[:, 0] ** 2
    precision = np.linalg.inv(covariance)
    pull = np.einsum("nij,nj->ni", precision, recent - center)
    distance = np.einsum("ni,ni->n", recent - center, pull) / past.shape[2]
    shift: Floats = pull / np.sqrt(precision[:, diagonal, diagonal])
    return distance, shift


def limit_of(distances: Floats) -> Floats:
    """The limit from machines' own past distances, from [n, samples], NaN if missing."""
    new: Mask = np.asarray(np.isnan(distances).all(axis=1, keepdims=True))
    distances = np.where(new, 0.0, distances)
    median = np.nanmedian(distances, axis=1)
    spread = 1.4826 * np.nanmedian(np.abs(distances - median[:, None]), axis=1)
    limit: Floats = np.maximum(median + WIDTH * spread, LEAST_LIMIT)
    return limit


def _waves(device: Integers, places: Integers) -> list[Integers]:
    """Places split so that each wave has a device once, its earliest first; places are sorted by device.

    A device may have several samples in one batch, and each is compared with those before it.
    """
    owner = device[places]
    number = np.arange(len(owner)) - np.searchsorted(owner, owner)  # 0 for a device's first place, then 1, 2, ...
    return [places[number == n] for n in range(int(number.max()) + 1)]


def _carried_on(order: DeviceOrder, places: Integers, before: Floats, fresh: Floats) -> Floats:
    """The previous value up to each device's first place, and from each place on its fresh value.

    `before` and `fresh` are [M, 1 + signals], `places` are the rows in which `fresh` differs.
    """
    latest = np.full(len(before), -1, dtype=np.int64)
    latest[places] = places
    latest = np.maximum.accumulate(latest)  # the latest place at or above each row, of whatever device
    own: Mask = latest >= order.starts()  # of the row's own device
    carried: Floats = np.where(own[:, None], fresh[np.maximum(latest, 0)], before)
    return carried
