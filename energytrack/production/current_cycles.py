"""Finds the cycles of a machine without a counter in its current. Pure.

Within a cycle the current rises with the work and falls while parts are changed. Two independent ways have to agree:
the autocorrelation of the current gives the usual length of a cycle, and its change points (`ruptures`, least squares)
give the start of each one. Irregular changes are not cycles, and a machine that turns evenly has none.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import ruptures
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, uniform_filter1d

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SAMPLES_PER_CYCLE: Final = 3.0
"""A cycle with fewer readings cannot be detected; the fastest one needs this many."""
LEAST_CYCLES: Final = 8
"""Fewer have no usual length."""
LEAST_CORRELATION: Final = 0.35
"""The lowest correlation of the current with itself one cycle later; noise without cycles stays below."""
SURE_CORRELATION: Final = 0.6
REGULAR: Final = 0.3
"""A cycle is regular if its length differs from the usual one by less than this share of it."""
SLOWEST: Final = 3.0
FASTEST: Final = 0.6
"""Multiples of the ideal cycle between which cycles are sought."""
WIDENING: Final = 2.5
"""The factor from one length of the moving mean to the next, in the search for the usual length."""
BRIDGED_SAMPLES: Final = 3
"""This many missing readings are bridged."""


class Cycle(NamedTuple):
    """The work of one cycle."""

    start: float
    """Seconds since the epoch."""
    end: float
    share: float
    """Share of a whole cycle: interrupted work is less, and continues in the next one."""
    is_regular: bool


class FoundCycles(NamedTuple):
    """The cycles that a stretch of current shows."""

    seconds: float
    """The usual time from one start to the next."""
    correlation: float
    cycles: tuple[Cycle, ...]

    def confidence(self, since: float, until: float) -> float:
        """How reliable the cycles are that began in a range of time, 0 to 1.

        The share of regular ones, reduced if the autocorrelation is weak.
        """
        own = [each.is_regular for each in self.cycles if since <= each.start < until]
        if len(own) < LEAST_CYCLES / 2:
            own = [each.is_regular for each in self.cycles]
        return min(1.0, self.correlation / SURE_CORRELATION) * sum(own) / len(own)


class CurrentSamples(NamedTuple):
    """Samples of the current at equal intervals."""

    start: float
    step: float
    amperes: Floats
    is_working: Bools


def evenly(at: Floats, amperes: Floats, is_working: Bools) -> Iterator[CurrentSamples]:
    """Readings on a grid of their usual interval, in pieces without longer gaps; a lost value (NaN) is a gap."""
    known = np.isfinite(amperes)
    at, amperes, is_working = at[known], amperes[known], is_working[known]
    if len(at) < 2:
        return
    step = float(np.median(np.diff(at)))
    ends = np.flatnonzero(np.diff(at) > (BRIDGED_SAMPLES + 1.5) * step) + 1
    for piece in np.split(np.arange(len(at)), ends):
        begin, end = at[piece[0]], at[piece[-1]]
        grid = begin + step * np.arange(round((end - begin) / step) + 1)
        nearest = np.clip(np.searchsorted(at, grid - step / 2), 0, len(at) - 1)
        yield CurrentSamples(float(begin), step, np.interp(grid, at[piece], amperes[piece]), is_working[nearest])


def cycles_in(samples: CurrentSamples, ideal_seconds: float) -> FoundCycles | None:
    """The cycles in a piece of current, about an hour long; None if there are no reliable ones.

    `ideal_seconds` is a cycle at full speed: cycles that are too short for the readings would look like a longer one.
    """
    longest = min(len(samples.amperes) * samples.step / LEAST_CYCLES, SLOWEST * ideal_seconds)
    if FASTEST * ideal_seconds < SAMPLES_PER_CYCLE * samples.step or longest <= ideal_seconds:
        return None
    samples = samples._replace(is_working=_closed(samples.is_working, round(ideal_seconds / samples.step)))
    shortest = FASTEST * ideal_seconds
    seconds, correlation, level = _usual_length(samples, shortest, longest)
    if correlation < LEAST_CORRELATION:
        return None
    return _with_cycles(samples, seconds, correlation, level)


def _closed(is_working: Bools, size: int) -> Bools:
    """The work with shorter pauses included: parts may be changed at the current of idling."""
    return np.asarray(binary_closing(np.pad(is_working, size), np.ones(size))[size : size + len(is_working)])


def _usual_length(samples: CurrentSamples, shortest: float, longest: float) -> tuple[float, float, Floats]:
    """The lag of the highest autocorrelation, its value, and the moving mean that was subtracted from the current."""
    best = 0.0, 0.0, samples.amperes
    width = 2.0 * shortest
    while True:
        size = max(3, round(width / samples.step))
        level = _moving_mean(samples, size)
        lags = _autocorrelation(np.where(samples.is_working, samples.amperes - level, 0.0), samples.is_working, size)
        first, last = round(shortest / samples.step), min(size, round(longest / samples.step), len(lags) - 2)
        peak = _first_peak(lags, first, last)
        if peak is not None and lags[peak] > best[1]:
            best = peak * samples.step, float(lags[peak]), level
        if width >= 2.0 * longest:
            return best
        width *= WIDENING


def _moving_mean(samples: CurrentSamples, size: int) -> Floats:
    """The moving mean over the time at work."""
    weight = uniform_filter1d(samples.is_working.astype(np.float64), size, mode="nearest")
    total = uniform_filter1d(np.where(samples.is_working, samples.amperes, 0.0), size, mode="nearest")
    return np.asarray(np.divide(total, weight, out=samples.amperes.copy(), where=weight > 0.5 / size))


def _autocorrelation(wave: Floats, mask: Bools, lags: int) -> Floats:
    """The autocorrelation over pairs of samples that are both at work, for lags up to twice `lags`."""
    size = 2 * len(wave)
    spectrum, presence = np.fft.rfft(wave, size), np.fft.rfft(mask.astype(np.float64), size)
    power = np.fft.rfft(wave * wave, size)
    products = np.fft.irfft(spectrum * np.conj(spectrum))[: 2 * lags + 2]
    before = np.fft.irfft(power * np.conj(presence))[: 2 * lags + 2]
    after = np.fft.irfft(presence * np.conj(power))[: 2 * lags + 2]
    norm = np.sqrt(np.maximum(before * after, 0.0))
    return np.asarray(np.divide(products, norm, out=np.zeros_like(products), where=norm > 1e-9 * max(1e-12, norm[0])))


def _first_peak(lags: Floats, first: int, last: int) -> int | None:
    """The shortest lag that is nearly as good as the best: its multiples are not separate cycles."""
    peaks = [k for k in range(max(1, first), last + 1) if lags[k - 1] <= lags[k] > lags[k + 1]]
    if not peaks or lags[: peaks[0]].min() > 0.0:
        return None
    best = max(lags[k] for k in peaks)
    return next((k for k in peaks if lags[k] >= 0.85 * best), None)


def _with_cycles(samples: CurrentSamples, seconds: float, correlation: float, level: Floats) -> FoundCycles | None:
    wave = np.where(samples.is_working, samples.amperes - level, 0.0)
    swing = np.subtract(*np.percentile(wave[samples.is_working], [85, 15]))
    per_cycle = seconds / samples.step
    wave = np.where(samples.is_working, wave, -swing)
    # a change of level pays if it lasts for a quarter of a cycle at half of the swing
    penalty = 0.25 * per_cycle * (swing / 2.0) ** 2 / 2.0
    ends = ruptures.KernelCPD(kernel="linear", min_size=1).fit(wave.reshape(-1, 1)).predict(pen=penalty)
    bounds = np.concatenate([[0], ends]).astype(np.int64)
    means = np.add.reduceat(wave, bounds[:-1]) / np.diff(bounds)
    high = _high(means, bounds, per_cycle)
    stretches = [(bounds[first], bounds[last]) for first, last in _runs(high)]
    stretches = [(a, b) for a, b in stretches if b - a >= 0.12 * per_cycle]
    if len(stretches) < LEAST_CYCLES:
        return None
    starts = np.array([a for a, _ in stretches]) * samples.step
    lengths = np.diff(starts)
    near = np.abs(lengths / seconds - 1.0) < REGULAR
    work = float(np.median([b - a for a, b in stretches]))
    regular = np.concatenate([near, near[-1:]]) | np.concatenate([near[:1], near])
    cycles = tuple(
        Cycle(
            float(samples.start + a * samples.step),
            float(samples.start + b * samples.step),
            _share((b - a) / work),
            bool(is_near),
        )
        for (a, b), is_near in zip(stretches, regular, strict=True)
    )
    return FoundCycles(seconds, correlation, cycles)


def _high(means: Floats, bounds: NDArray[np.int64], per_cycle: float) -> Bools:
    """Which pieces are work: those above the middle of the levels within a cycle of them."""
    first = np.searchsorted(bounds[1:], bounds[:-1] - per_cycle, side="right")
    last = np.searchsorted(bounds[:-1], bounds[1:] + per_cycle, side="left")
    around = [means[a:b] for a, b in zip(first, last, strict=True)]
    return np.array(
        [mean > (near.min() + near.max()) / 2.0 for mean, near in zip(means, around, strict=True)], dtype=np.bool_
    )


def _runs(high: Bools) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], high, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _share(ratio: float) -> float:
    """The share of a whole cycle: work of at least three quarters of the usual length counts as whole."""
    return 1.0 if ratio >= 0.75 else float(ratio)
