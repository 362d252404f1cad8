"""Calibration."""

import numpy as np
import numpy.typing as npt
import pytest

from ml.errors import TooFewExamples
from ml.models.calibration import calibrated


class Shy:
    """A classifier whose scores lie far below the frequencies."""

    def predict_proba(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        score = features[:, 0].astype(np.float64)
        return np.column_stack([1.0 - score, score])


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
