"""The estimators."""

import numpy as np
import numpy.typing as npt
import pytest

from ml.errors import TooFewExamples
from ml.models.estimators import BINS, KINDS, Forests, ModelSize, Recipe, calibrated, varying


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


class Shy:
    """A classifier whose scores lie far below the frequencies."""

    def predict_proba(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        score = features[:, 0].astype(np.float64)
        return np.column_stack([1.0 - score, score])


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


def test_calibration_makes_probabilities_of_scores() -> None:
    """On average they are the share of failures; the order of the rows stays."""
    rng = np.random.default_rng(0)
    score = rng.uniform(0.0, 0.3, 5000)
    label = (rng.uniform(size=5000) < 3 * score).astype(np.int64)
    probability = calibrated(Shy(), score, label).probabilities(score)
    assert probability.mean() == pytest.approx(label.mean(), abs=0.005)
    assert (np.diff(probability[np.argsort(score)]) >= 0).all()
    with pytest.raises(TooFewExamples, match="calibration"):
        calibrated(Shy(), score, np.zeros(5000, dtype=np.int64))
