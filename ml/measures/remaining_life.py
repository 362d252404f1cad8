"""The quality of remaining lives: coverage of the intervals, their width, and their errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import Struct

from ml.arrays import Floats, Mask
from ml.datasets.table import Table
from ml.datasets.time_left import time_left


class LifeError(Struct, frozen=True):
    """Root mean square errors of the predicted intervals' middle; it and the truth are cut off at the same life."""

    cut_hours: float
    rows: int
    hours: float
    """Over all rows whose truth is known up to the cut."""
    last_rows: int
    """Machines whose last row is one of those: how published errors are measured."""
    last_hours: float
    """Over those; NaN if there is none."""


class LifeQuality(Struct, frozen=True):
    """The quality of intervals of remaining life, on rows whose record continues for long enough."""

    reach_hours: float
    """Up to where lives are predicted; the longest, if folds differ."""
    closed: int
    """Rows whose interval for 80 % has an end."""
    closed_coverage: float
    """Share of those whose machine failed within the interval."""
    width_hours: float
    """Median width of those."""
    failures: int
    """Failures before which rows had such an interval."""
    open: int
    """Rows for which only the beginning is predicted: the machine has at least so long, for 80 %."""
    open_coverage: float
    beyond: int
    """Rows of machines that have longer than the reach, for 80 % at least."""
    beyond_coverage: float
    near: int
    """Rows within a horizon before a failure."""
    near_coverage: float
    """Of those: a failure that nothing announced comes before any interval begins."""
    error: LifeError | None = None
    """None if no row's truth is known up to the cut."""


@dataclass(frozen=True, eq=False)
class PredictedLives:
    """The intervals of test rows, with the truth."""

    test: Table
    low: Floats
    high: Floats
    """[rows]; infinite where an interval has no end."""
    reach_hours: float
    middle: Floats
    """[rows], hours that are as likely too many as too few; up to the reach."""


@dataclass(frozen=True, eq=False)
class _IntervalOutcomes:
    """Which of R rows failed within their interval, and the kinds of interval and row; [R] each."""

    inside: Mask
    closed: Mask
    beyond: Mask
    near: Mask
    width: Floats
    failures: int


def measure_lives(parts: Sequence[PredictedLives], *, cut_hours: float | None = None) -> LifeQuality | None:
    """The quality over several folds; None if no row's record continues for long enough.

    Errors count lives as at most `cut_hours`: by default, and at most, as what all folds reach.
    """
    kept = [_kept(part) for part in parts if len(part.test)]
    if not any(len(one.inside) for one in kept):
        return None
    inside, closed, beyond, near = (
        np.concatenate([getattr(one, name) for one in kept]) for name in ("inside", "closed", "beyond", "near")
    )
    width = np.concatenate([one.width for one in kept])[closed]
    only_begun = ~closed & ~beyond
    return LifeQuality(
        reach_hours=max(part.reach_hours for part in parts),
        closed=int(closed.sum()),
        closed_coverage=_share(inside[closed]),
        width_hours=float(np.median(width)) if len(width) else float("nan"),
        failures=sum(one.failures for one in kept),
        open=int(only_begun.sum()),
        open_coverage=_share(inside[only_begun]),
        beyond=int(beyond.sum()),
        beyond_coverage=_share(inside[beyond]),
        near=int(near.sum()),
        near_coverage=_share(inside[near]),
        error=_error(parts, min([part.reach_hours for part in parts] + ([] if cut_hours is None else [cut_hours]))),
    )


def _error(parts: Sequence[PredictedLives], cut_hours: float) -> LifeError | None:
    squares, lasts = [], []
    for part in (one for one in parts if len(one.test)):
        left = time_left(part.test)
        is_known = left.observed(cut_hours)
        squared = (np.minimum(part.middle, cut_hours) - left.up_to(cut_hours)) ** 2
        is_last = np.zeros(len(part.test), dtype=np.bool_)
        for device in np.unique(part.test.device).tolist():
            rows = np.flatnonzero(part.test.device == device)
            is_last[rows[np.argmax(part.test.at_ms[rows])]] = True
        squares.append(squared[is_known])
        lasts.append(squared[is_known & is_last])
    error, last = np.concatenate(squares), np.concatenate(lasts)
    if len(error) == 0:
        return None
    return LifeError(cut_hours, len(error), _root_mean(error), len(last), _root_mean(last))


def _kept(part: PredictedLives) -> _IntervalOutcomes:
    left = time_left(part.test)
    is_known = left.observed(part.reach_hours)
    hours, low, high = left.hours[is_known], part.low[is_known], part.high[is_known]
    closed = np.isfinite(high)
    return _IntervalOutcomes(
        inside=(hours >= low) & (hours <= high),
        closed=closed,
        beyond=low >= part.reach_hours,
        near=hours <= part.test.horizon_ms / 3.6e6,
        width=high - low,
        failures=len(np.unique(left.event[is_known][closed & (hours < part.reach_hours)])),
    )


def _root_mean(squares: Floats) -> float:
    return float(np.sqrt(squares.mean())) if len(squares) else float("nan")


def _share(values: Mask) -> float:
    return float(values.mean()) if len(values) else float("nan")
