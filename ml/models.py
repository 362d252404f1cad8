"""The estimators that compete, and how they are trained: scikit-learn lives behind this wall."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, Protocol

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator

from ml.arrays import Floats, Integers, Mask, Matrix
from ml.errors import TooFewExamples
from ml.table import Table

Kind = Literal["random_forest", "gradient_boosting"]
KINDS: Final[tuple[Kind, ...]] = ("random_forest", "gradient_boosting")
VERSIONS: Final[Mapping[str, str]] = MappingProxyType({"scikit-learn": sklearn.__version__, "numpy": np.__version__})
"""What an artifact is bound to."""


class Estimator(Protocol):
    """What of a classifier is used here."""

    def predict_proba(self, features: Matrix) -> Floats:
        """[rows, 2]."""


@dataclass(frozen=True, eq=False)
class Model:
    """A calibrated classifier over some of the features."""

    kind: Kind
    features: tuple[str, ...]
    """The features that it looks at, in its order; those that never varied in training are left out."""
    estimator: Estimator

    def probabilities(self, features: Matrix) -> Floats:
        """Probability of label 1 for rows that hold this model's own features."""
        return np.asarray(self.estimator.predict_proba(features)[:, 1], dtype=np.float64)


@dataclass(frozen=True)
class Size:
    """How large a model is, which is what it costs to train and to ask."""

    trees: int = 100
    depth: int = 12
    leaf: int = 5
    """Least rows in a leaf."""
    rows_per_tree: int = 40_000


def columns(names: tuple[str, ...], wanted: tuple[str, ...]) -> Integers:
    """Where a model's features stand among those of a spec."""
    position = {name: i for i, name in enumerate(names)}
    return np.array([position[name] for name in wanted], dtype=np.int64)


def train(
    table: Table,
    calibrate: Table,
    *,
    kind: Kind = "random_forest",
    size: Size | None = None,
    seed: int = 0,
    jobs: int = 1,
) -> Model:
    """Fit on one table, calibrate the probabilities (sigmoid, Platt 1999) on a later one or on other machines.

    Raises TooFewExamples where either table does not hold both labels.
    """
    for part, rows in (("training", table), ("calibration", calibrate)):
        if len(set(rows.label.tolist())) < 2:
            raise TooFewExamples(part)
    used = varying(table.features)
    names = tuple(np.array(table.spec.names)[used].tolist())
    raw = _raw(kind, size or Size(), rows=len(table), seed=seed, jobs=jobs)
    raw.fit(table.features[:, used], table.label)
    if kind == "random_forest":
        raw.n_jobs = 1  # a thread pool costs more than it gives on the batches of a live consumer
    calibrated = CalibratedClassifierCV(FrozenEstimator(raw), method="sigmoid")
    calibrated.fit(calibrate.features[:, used], calibrate.label)
    return Model(kind, names, calibrated)


def varying(features: Matrix) -> Mask:
    """Which features take more than one value."""
    known = np.isfinite(features)
    highest = np.where(known, features, -np.inf).max(axis=0, initial=-np.inf)
    lowest = np.where(known, features, np.inf).min(axis=0, initial=np.inf)
    varies: Mask = highest > lowest
    return varies


def _raw(kind: Kind, size: Size, *, rows: int, seed: int, jobs: int) -> Any:
    if kind == "gradient_boosting":
        return HistGradientBoostingClassifier(
            max_iter=150,
            learning_rate=0.06,
            max_leaf_nodes=15,
            l2_regularization=5.0,
            class_weight="balanced",
            random_state=seed,
        )
    return RandomForestClassifier(
        size.trees,
        max_depth=size.depth,
        min_samples_leaf=size.leaf,
        max_samples=min(1.0, size.rows_per_tree / max(rows, 1)) if rows > size.rows_per_tree else None,
        class_weight="balanced_subsample",
        random_state=seed,
        n_jobs=jobs,
    )
