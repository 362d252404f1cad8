"""The estimators."""

import numpy as np
import pytest

from ml.errors import TooFewExamples
from ml.models.estimators import KINDS, Forests, ModelSize, Recipe, varying


def test_features_that_never_vary_are_left_out() -> None:
    """So are those of which nothing is known."""
    nan = np.nan
    features = np.array([[1.0, nan, nan, 1.0], [1.0, nan, 2.0, 2.0], [1.0, nan, 2.0, nan]], dtype=np.float32)
    assert varying(features).tolist() == [False, False, False, True]


def test_both_kinds_compete_by_default() -> None:
    """The random forest is the champion's kind."""
    assert KINDS == ("random_forest", "gradient_boosting")


def test_half_of_a_forest_sees_general_features_only() -> None:
    """Unless there is none, or generalists are not wanted."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 3)).astype(np.float32)
    label = (features[:, 0] > 0).astype(np.int64)
    small = ModelSize(trees=4, depth=3)
    general = np.array([False, True, True])
    both = Recipe(size=small).fit(features, label, general=general)
    assert isinstance(both, Forests)
    assert [columns.tolist() for _, columns in both.members] == [[0, 1, 2], [1, 2]]
    for alone in (
        Recipe(size=small).fit(features, label, general=np.zeros(3, dtype=np.bool_)),
        Recipe(size=small, members=("specialists",)).fit(features, label, general=general),
    ):
        assert isinstance(alone, Forests)
        assert [columns.tolist() for _, columns in alone.members] == [[0, 1, 2]]


def test_rows_with_one_label_teach_nothing() -> None:
    features = np.zeros((10, 1), dtype=np.float32)
    with pytest.raises(TooFewExamples, match="training"):
        Recipe().fit(features, np.zeros(10, dtype=np.int64), general=np.zeros(1, dtype=np.bool_))
