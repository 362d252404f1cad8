"""Learns what is normal from sound machines only, to detect faults of a kind that was never recorded.

It measures how far a machine's signals are from what its own history or its other signals predict, and how rare such a
distance is among sound machines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Matrix
from ml.errors import TooFewExamples

COMMON: Final = 0.5
RARE: Final = 0.98
"""Quantiles of the distances of sound rows; the distance at RARE has a score of one half."""
STEEPNESS: Final = 2.0
LEAST_ROWS: Final = 100


def watched(names: Sequence[str]) -> Integers:
    """The indices of columns that measure how far a signal is from what is expected of this machine.

    That is its initial state, if this is known to be sound; otherwise what the other signals predict.
    """
    departures = [i for i, name in enumerate(names) if "_departure_" in name]
    shifts = [i for i, name in enumerate(names) if name.endswith("_shift") and name != "largest_shift"]
    return np.array(departures or shifts, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Normal:
    """Scores how unlike normal operation rows are, from 0 to 1. It can be unpickled with NumPy alone."""

    columns: Integers
    """Indices among the model's own features."""
    common: float
    """Median distance of sound rows."""
    rare: float
    """Distance that one in fifty sound rows exceeds."""

    def scores(self, features: Matrix) -> Floats:
        """[rows], scores; an unknown signal counts as normal."""
        return self._score(self._distances(features).mean(axis=1))

    def predict_proba(self, features: Matrix) -> Floats:
        """[rows, 2], scores in the interface of a classifier."""
        score = self.scores(features)
        return np.column_stack([1.0 - score, score])

    @property
    def base(self) -> float:
        """The score of a machine whose signals are all unknown."""
        return float(self._score(np.zeros(1))[0])

    def contributions(self, features: Matrix) -> Floats:
        """[rows, features], each column's contribution to a row's score; with `base`, they add up to the score."""
        distances = self._distances(features)
        total = np.maximum(distances.sum(axis=1, keepdims=True), 1e-12)
        rise = self._score(distances.mean(axis=1)) - self.base
        parts = np.zeros(features.shape)
        parts[:, self.columns] = distances / total * rise[:, None]
        return parts

    def _distances(self, features: Matrix) -> Floats:
        """[rows, watched columns], logarithms, so that one very distant signal does not hide the others."""
        distances: Floats = np.log1p(np.abs(np.nan_to_num(features[:, self.columns].astype(np.float64))))
        return distances

    def _score(self, distance: Floats) -> Floats:
        width = max(self.rare - self.common, 1e-6)
        score: Floats = 1.0 / (1.0 + np.exp(-np.clip(STEEPNESS * (distance - self.rare) / width, -500, 500)))
        return score


def normal_of(sound: Matrix, columns: Integers) -> Normal:
    """Learn what is normal from sound rows [rows, features]; raises TooFewExamples."""
    if len(columns) == 0 or len(sound) < LEAST_ROWS:
        raise TooFewExamples("normal operation")
    plain = Normal(columns, 0.0, 1.0)
    distance = plain._distances(sound).mean(axis=1)  # noqa: SLF001  # of the same class, before its scale is known
    common, rare = np.quantile(distance, (COMMON, RARE)).tolist()
    return Normal(columns, common, rare)
