"""What scikit-learn's forests say of a few rows, to the bit what their own `predict` and `predict_proba` say.

Those check their input and hand every tree to a pool of threads: 10 ms for a hundred trees, whatever the number of
rows. A live batch is a few hundred machines, for which the trees themselves need a tenth of that.
"""

from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from ml.arrays import Floats, Matrix


def class_shares(forest: Any, features: Matrix) -> Floats:
    """[rows, classes], what `predict_proba` gives; an estimator that is no RandomForestClassifier is asked for it."""
    if not isinstance(forest, RandomForestClassifier):
        return np.asarray(forest.predict_proba(features), dtype=np.float64)
    return _mean_of_trees(forest, features, len(forest.classes_))


def expected_values(forest: Any, features: Matrix) -> Floats:
    """[rows], what `predict` gives; an estimator that is no RandomForestRegressor of one target is asked for it."""
    if not isinstance(forest, RandomForestRegressor):
        return np.asarray(forest.predict(features), dtype=np.float64)
    return _mean_of_trees(forest, features, 1)[:, 0]


def _mean_of_trees(forest: Any, features: Matrix, width: int) -> Floats:
    """Added up in the trees' order, as the library does it: another order gives other last digits."""
    rows = np.ascontiguousarray(features, dtype=np.float32)
    total = np.zeros((len(rows), width))
    for tree in forest.estimators_:
        total += tree.tree_.predict(rows)
    return total / len(forest.estimators_)
