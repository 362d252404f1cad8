"""Rows with their probabilities, by which a model shows that it says the same under other library versions."""

from typing import Final

import numpy as np
from msgspec import Struct

from ml.arrays import Matrix
from ml.models.estimators import Model

ROWS: Final = 32
SAME: Final = 1e-6
"""Probabilities that differ by no more than this are the same."""


class SelfTest(Struct, frozen=True):
    """Rows of the model's own features, and what it said of them when it was trained."""

    rows: bytes
    """float32[rows, features], little endian."""
    probabilities: tuple[float, ...]


def self_test_of(model: Model, features: Matrix) -> SelfTest:
    """A test from some of these rows [rows, features], from the least to the most likely to fail."""
    probabilities = model.probabilities(features)
    order = np.argsort(probabilities, kind="stable")
    some = order[np.unique(np.linspace(0, len(order) - 1, min(ROWS, len(order))).astype(np.int64))]
    return SelfTest(features[some].astype("<f4").tobytes(), tuple(probabilities[some].tolist()))


def deviation(model: Model, test: SelfTest) -> float:
    """The largest difference between what a model says now and what it said."""
    rows = np.frombuffer(test.rows, dtype="<f4").reshape(len(test.probabilities), len(model.features))
    return float(np.abs(model.probabilities(rows.astype(np.float32)) - np.array(test.probabilities)).max(initial=0.0))
