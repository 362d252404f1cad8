"""The estimators."""

import numpy as np
import pytest

from ml.errors import TooFewExamples
from ml.models.estimators import BINS, KINDS, Forests, ModelSize, Recipe, varying


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


def test_boosting_learns_beside_a_column_of_which_hardly_anything_is_known() -> None:
    """A component may have been replaced on machines left out only; what the column then says changes nothing."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 3)).round(1).astype(np.float32)  # few values: each has a bin of its own
    assert len(np.unique(features[:, 0])) <= BINS
    label = (features[:, 0] > 0).astype(np.int64)
    features[:, 1] = np.nan
    features[1:, 2] = np.nan
    recipe = Recipe(kind="gradient_boosting", size=ModelSize(trees=4))
    boosted = recipe.fit(features, label, general=np.zeros(3, dtype=np.bool_))
    score = boosted.predict_proba(features)[:, 1]
    assert score[label == 1].min() > score[label == 0].max()
    assert np.isnan(features[1:, 1:]).all()
    features[:, 1:] = 7.0
    np.testing.assert_array_equal(boosted.predict_proba(features)[:, 1], score)
