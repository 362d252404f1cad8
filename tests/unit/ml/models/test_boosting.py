"""Gradient boosting."""

import numpy as np

from ml.models.boosting import BINS, boosted


def test_boosting_learns_beside_a_column_of_which_hardly_anything_is_known() -> None:
    """A component may have been replaced on machines left out only; what the column then says changes nothing."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 3)).round(1).astype(np.float32)  # few values: each has a bin of its own
    assert len(np.unique(features[:, 0])) <= BINS
    label = (features[:, 0] > 0).astype(np.int64)
    features[:, 1] = np.nan
    features[1:, 2] = np.nan
    model = boosted(features, label, iterations=6, seed=0)
    score = model.predict_proba(features)[:, 1]
    assert score[label == 1].min() > score[label == 0].max()
    assert np.isnan(features[1:, 1:]).all()
    features[:, 1:] = 7.0
    np.testing.assert_array_equal(model.predict_proba(features)[:, 1], score)
