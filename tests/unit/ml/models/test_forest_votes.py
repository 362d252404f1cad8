"""Forests are asked tree by tree, and say the same."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from ml.arrays import Matrix
from ml.models.forest_votes import class_shares, expected_values


def some_rows(count: int) -> Matrix:
    """Rows with unknown values, as those of young machines are."""
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(count, 5)).astype(np.float32)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    return rows


def test_the_shares_of_classes_are_the_librarys_own_to_the_bit() -> None:
    """Also of three classes, and of columns that lie apart in memory."""
    rows = some_rows(400)
    kind = np.random.default_rng(1).integers(3, size=len(rows))
    forest = RandomForestClassifier(13, max_depth=6, class_weight="balanced_subsample", random_state=2).fit(rows, kind)
    assert np.array_equal(class_shares(forest, rows), forest.predict_proba(rows))
    assert np.array_equal(class_shares(forest, np.asfortranarray(rows)), forest.predict_proba(rows))
    assert np.array_equal(class_shares(forest, rows[:1]), forest.predict_proba(rows[:1]))


def test_expected_values_are_the_librarys_own_to_the_bit() -> None:
    """One for each row."""
    rows = some_rows(300)
    hours = np.random.default_rng(3).exponential(10.0, size=len(rows))
    forest = RandomForestRegressor(11, max_depth=6, max_features=0.5, random_state=4).fit(rows, hours)
    assert np.array_equal(expected_values(forest, rows), forest.predict(rows))
