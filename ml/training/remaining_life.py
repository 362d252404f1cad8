"""Learns remaining life from the rows that calibrate a model, which its classifier did not see."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ml.arrays import Floats, Integers, Mask, Matrix
from ml.datasets.splits import folds_of
from ml.datasets.table import Table
from ml.datasets.time_left import TimeLeft, time_left
from ml.models.estimators import Recipe
from ml.models.life import (
    LEAST_FAILURES,
    LEAST_ROWS,
    LIKELY,
    TREES,
    Life,
    LifeBins,
    bins_of,
    failures_per_bin,
    forest_of,
)

REACHES: Final = (7.0, 5.0, 3.0, 2.0)
"""Possible reaches, in horizons; the longest for which there are enough failures is used."""
FOLDS: Final = 4


@dataclass(frozen=True, eq=False)
class UnseenRows:
    """Rows that a model's classifier did not see, with the model's features and its probabilities."""

    table: Table
    features: Matrix
    probability: Floats


def life_of(judged: UnseenRows, *, until_ms: int, recipe: Recipe) -> Life | None:
    """Learn remaining life from the outcomes of unseen rows; None if there are too few failures.

    Outcomes after `until_ms` are not used: they belong to the test. `recipe` is the model's.
    """
    left = time_left(judged.table, until_ms=until_ms)
    for horizons in REACHES:
        reach = horizons * judged.table.horizon_ms / 3.6e6
        if len(np.unique(_events(left, reach)[left.observed(reach)])) > LEAST_FAILURES:  # one of these is "none"
            return _learned(judged, left, reach, recipe)
    return None


def _learned(judged: UnseenRows, left: TimeLeft, reach: float, recipe: Recipe) -> Life | None:
    is_known = left.observed(reach)
    by_risk = _bins(1.0 - judged.probability, judged, left, reach, is_known)
    if by_risk is None:
        return None
    before = np.flatnonzero(judged.table.label == 1)
    likely = is_known & (judged.probability >= LIKELY)
    if int(likely.sum()) < LEAST_ROWS or len(before) < LEAST_ROWS:
        return Life(reach, by_risk)
    expected = _expected(judged, left, likely, recipe)
    by_time = _bins(expected, judged, left, reach, np.isfinite(expected))
    if by_time is None:
        return Life(reach, by_risk)
    return Life(reach, by_risk, _forest(judged.features[before], left.hours[before], recipe), by_time)


def _expected(judged: UnseenRows, left: TimeLeft, likely: Mask, recipe: Recipe) -> Floats:
    """[rows], hours until the failure, predicted by forests of other machines; NaN if a failure is not likely."""
    table = judged.table
    fold = folds_of(table, folds=min(FOLDS, len(np.unique(table.device))), seed=recipe.seed)
    expected = np.full(len(table), np.nan)
    for k in np.unique(fold[likely]).tolist():
        others, own = np.flatnonzero((fold != k) & (table.label == 1)), np.flatnonzero((fold == k) & likely)
        if len(others) >= LEAST_ROWS:
            forest = _forest(judged.features[others], left.hours[others], recipe)
            expected[own] = forest.predict(judged.features[own])
    return expected


def _forest(features: Matrix, hours: Floats, recipe: Recipe) -> Any:
    return forest_of(features, hours, trees=min(TREES, recipe.size.trees), seed=recipe.seed)


def _bins(expectation: Floats, judged: UnseenRows, left: TimeLeft, reach: float, rows: Mask) -> LifeBins | None:
    event = _events(left, reach)
    return bins_of(
        expectation[rows], left.up_to(reach)[rows], event[rows], judged.table.device[rows],
        per_bin=failures_per_bin(event[left.observed(reach)]),
    )  # fmt: skip


def _events(left: TimeLeft, reach: float) -> Integers:
    """[rows], the failure within the reach; -1 for none."""
    return np.where(left.hours < reach, left.event, -1)
