"""Classifies which recorded failure mode, or component, a machine at risk resembles most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from ml.arrays import Floats, Matrix
from ml.models.forest_votes import class_shares

TREES: Final = 40
DEPTH: Final = 8
LEAF: Final = 3
MOST_ROWS: Final = 4_000
"""Rows that each tree is trained on, at most; more do not improve the classification."""
LEAST_FAILURES: Final = 3
"""A mode with fewer failures counts as `other`."""
OTHERS: Final = "other"


@dataclass(frozen=True, eq=False)
class Modes:
    """A classifier of failure modes, trained on rows before failures only."""

    names: tuple[str, ...]
    forest: Any
    """A random forest whose classes are indices of `names`."""

    def shares(self, features: Matrix) -> Floats:
        """[rows, modes], probability of each mode if the machine fails; rows sum to 1."""
        return class_shares(self.forest, features)


def modes_of(features: Matrix, kinds: Sequence[str], failures: dict[str, int], *, seed: int) -> Modes | None:
    """Train on rows before failures [rows, features] and their kinds [rows]; None if there is only one kind.

    `failures` is the number of failures of each kind.
    """
    known = sorted(kind for kind, count in failures.items() if count >= LEAST_FAILURES)
    named = np.array([kind if kind in known else OTHERS for kind in kinds], dtype=np.str_)
    names, place = np.unique(named, return_inverse=True)
    if len(names) < 2:
        return None
    forest: Any = RandomForestClassifier(
        TREES,
        max_depth=DEPTH,
        min_samples_leaf=LEAF,
        max_samples=MOST_ROWS if len(features) > MOST_ROWS else None,
        class_weight="balanced_subsample",
        random_state=seed,
        n_jobs=1,
    ).fit(features, place)
    return Modes(tuple(str(name) for name in names), forest)
