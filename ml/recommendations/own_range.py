"""When a machine behaves unlike itself: Hotelling's T² against the machine's own past at work.

What a failure looks like nobody has to know: this tells only that the signals, or how they go together, have left the
range of this one machine. Each machine's signals are sampled once in a while of work; a standstill, whose signals are
like no others, is no part of a machine's range. The mean of the `RECENT` newest samples is compared with the `KEPT`
before the `LAG` newest, so that what is odd now does not look usual soon. Both center and limit are robust: a few odd
hours move neither.
"""

from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Mask, enlarged
from ml.recommendations.device_order import DeviceOrder

KEPT: Final = 192
LAG: Final = 24
RECENT: Final = 4
LEAST: Final = 96
"""With fewer samples than this to compare with nothing is said of a machine: it takes a day to know day and night."""
LEAST_LIMIT: Final = 6.0
"""Of T² over the number of signals; a machine whose own past varies more has a higher one."""
WIDTH: Final = 6.0
FLOOR: Final = 0.01
"""Of a signal's usual value: a smaller difference means nothing."""
_SIZE: Final = LAG + KEPT


class OwnRange:
    """The latest samples of each device, and what the newest make of it; bounded, in arrays."""

    def __init__(self, devices: int, *, signals: int) -> None:
        self._turns = np.zeros(devices, dtype=np.int64)
        """How many samples the device's present stretch of work has brought."""
        self._count = np.zeros(devices, dtype=np.int64)
        self._samples = np.full((devices, _SIZE, signals), np.nan, dtype=np.float32)
        self._distances = np.full((devices, KEPT), np.nan, dtype=np.float32)
        self._judged = np.full((devices, 1 + signals), np.nan)

    def grow(self, devices: int) -> None:
        """Make room for more devices."""
        self._turns = enlarged(self._turns, devices, 0)
        self._count = enlarged(self._count, devices, 0)
        self._samples = enlarged(self._samples, devices, np.nan)
        self._distances = enlarged(self._distances, devices, np.nan)
        self._judged = enlarged(self._judged, devices, np.nan)

    def clear(self, device: Integers) -> None:
        """Forget devices: they are watched elsewhere now, or were worked on and are no longer what they were."""
        self._turns[device] = self._count[device] = 0
        self._samples[device] = self._distances[device] = np.nan
        self._judged[device] = np.nan

    def update(self, turn: DeviceOrder, stretches: Floats, means: Floats) -> tuple[Floats, Floats]:
        """How far each reading's machine is off its range, [M], and in which signals, [M, signals]; NaN where unknown.

        The first as a multiple of its limit; the second in usual deviations off what the other signals let one expect.
        `stretches` tells for how many samples' length the machine has worked, `means` [M, signals] its signals over the
        last such length; all in the order of the turn.
        """
        number = np.floor(stretches).astype(np.int64)
        due = (number >= 1) & (number != turn.before(number, self._turns))
        self._turns[turn.device[turn.last]] = number[turn.last]
        judged = self._judged[turn.device]
        places = np.flatnonzero(due & np.isfinite(means).all(axis=1))
        if len(places):
            fresh = judged.copy()
            for wave in _waves(turn.device, places):
                fresh[wave] = self._sample(turn.device[wave], means[wave])
            judged = _carried_on(turn, places, judged, fresh)
        return judged[:, 0], judged[:, 1:]

    def _sample(self, device: Integers, means: Floats) -> Floats:
        """File one sample of each device, and judge it; [n, 1 + signals]."""
        self._samples[device, self._count[device] % _SIZE] = means
        self._count[device] += 1
        ages = np.arange(_SIZE)
        place = (self._count[device, None] - 1 - ages) % _SIZE
        samples = self._samples[device[:, None], place].astype(np.float64)
        known = np.flatnonzero(self._count[device] >= LAG + LEAST)
        judged = np.full((len(device), 1 + means.shape[1]), np.nan)
        if len(known):
            distance, shift = _compared(samples[known, :RECENT].mean(axis=1), samples[known, LAG:])
            of = device[known]
            judged[known, 0] = distance / limit_of(self._distances[of].astype(np.float64))
            judged[known, 1:] = shift
            self._distances[of, self._count[of] % KEPT] = distance
        self._judged[device] = judged
        return judged


def _compared(recent: Floats, past: Floats) -> tuple[Floats, Floats]:
    """T² over the number of signals, [n], and the regression-adjusted deviations of Hawkins (1991), [n, signals].

    `recent` is [n, signals], `past` is [n, samples, signals], NaN where there is none.
    """
    median = np.nanmedian(past, axis=1, keepdims=True)
    floor = FLOOR * np.abs(median) + 1e-6
    reach = 4.0 * 1.4826 * np.nanmedian(np.abs(past - median), axis=1, keepdims=True) + floor
    held = np.clip(past, median - reach, median + reach)  # outliers pull no further than this (Winsor)
    center = np.nanmean(held, axis=1)
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
    """The limit that machines' own past distances set, from [n, samples], NaN where there is none."""
    new: Mask = np.asarray(np.isnan(distances).all(axis=1, keepdims=True))
    known = np.where(new, 0.0, distances)
    median = np.nanmedian(known, axis=1)
    spread = 1.4826 * np.nanmedian(np.abs(known - median[:, None]), axis=1)
    limit: Floats = np.maximum(median + WIDTH * spread, LEAST_LIMIT)
    return limit


def _waves(device: Integers, places: Integers) -> list[Integers]:
    """Places cut so that each wave holds a device once, its earliest first; places are sorted by device."""
    of = device[places]
    first = np.searchsorted(of, of)
    turn = np.arange(len(of)) - first
    return [places[turn == n] for n in range(int(turn.max()) + 1)]


def _carried_on(turn: DeviceOrder, places: Integers, before: Floats, fresh: Floats) -> Floats:
    """What held before the turn, up to each device's first place, and from each place on what is fresh there."""
    latest = np.full(len(before), -1, dtype=np.int64)
    latest[places] = places
    latest = np.maximum.accumulate(latest)
    start = np.maximum.accumulate(np.where(turn.first, np.arange(len(before)), 0))
    within: Mask = latest >= start
    carried: Floats = np.where(within[:, None], fresh[np.maximum(latest, 0)], before)
    return carried
