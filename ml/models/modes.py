"""Which of the recorded failure modes a machine at risk resembles most."""

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
"""Rows of each tree; more do not tell modes apart any better."""
LEAST_FAILURES: Final = 3
"""A mode with fewer failures than this is one of the others."""
OTHERS: Final = "other"


@dataclass(frozen=True, eq=False)
class Modes:
    """A forest that tells failure modes apart, trained on rows before failures alone."""

    names: tuple[str, ...]
    forest: Any
    """Its classes are places in `names`."""

    def shares(self, features: Matrix) -> Floats:
        """[rows, modes]: how likely each mode is if the machine fails; each row sums to 1."""
        return class_shares(self.forest, features)


def modes_of(features: Matrix, kinds: Sequence[str], failures: dict[str, int], *, seed: int) -> Modes | None:
    """Learn from rows before failures, with the kind of each; None if there is only one kind.

    `failures` counts the failures of each kind.
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
