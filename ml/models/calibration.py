"""Calibrates the scores of a classifier to probabilities, on rows that it did not see."""

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from ml.arrays import Floats, Integers
from ml.errors import TooFewExamples
from ml.models.estimators import Calibrated, Estimator, Sigmoid


def calibrated(estimator: Estimator, score: Floats, label: Integers, **keywords: Any) -> Calibrated:
    """The classifier with a sigmoid fitted to scores and labels of unseen rows; raises TooFewExamples.

    `keywords` are passed on to `Calibrated`.
    """
    curve = sigmoid(score, label)
    return Calibrated(estimator, curve.slope, curve.offset, **keywords)


def sigmoid(score: Floats, label: Integers) -> Sigmoid:
    """A sigmoid fitted to scores and labels; raises TooFewExamples.

    With Platt's smoothed targets, it does not become a step function if there are few rows.
    """
    positive = int(label.sum())
    if positive in {0, len(label)}:
        raise TooFewExamples("calibration")
    target = np.where(label == 1, (positive + 1) / (positive + 2), 1 / (len(label) - positive + 2))
    curve = LogisticRegression(C=1e6, max_iter=1000)
    both = np.concatenate([score, score])[:, None]
    curve.fit(both, np.repeat([1, 0], len(score)), sample_weight=np.concatenate([target, 1.0 - target]))
    return Sigmoid(float(curve.coef_[0, 0]), float(curve.intercept_[0]))
