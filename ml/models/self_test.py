"""Verifies that a model predicts the same under other library versions, by rows stored with their predictions."""

from typing import Final

import numpy as np
from msgspec import UNSET, Struct, UnsetType

from ml.arrays import Floats, Matrix
from ml.models.estimators import Model

ROWS: Final = 32
SAME: Final = 1e-6
"""Largest difference of two predictions that counts as the same."""


class SelfTest(Struct, frozen=True):
    """Rows of the model's own features, and its predictions for them at training."""

    rows: bytes
    """float32[rows, features], little endian."""
    probabilities: tuple[float, ...]
    life_hours: tuple[float, ...] | UnsetType = UNSET
    """Quantiles of remaining life, row by row; absent if the model does not predict it."""


def self_test_of(model: Model, features: Matrix) -> SelfTest:
    """A test of some of these rows [rows, features], from the lowest to the highest probability."""
    probabilities = model.probabilities(features)
    order = np.argsort(probabilities, kind="stable")
    some = order[np.unique(np.linspace(0, len(order) - 1, min(ROWS, len(order))).astype(np.int64))]
    rows = features[some].astype("<f4")
    return SelfTest(rows.tobytes(), tuple(probabilities[some].tolist()), _lives(model, rows, probabilities[some]))


def deviation(model: Model, test: SelfTest) -> float:
    """The largest difference between predictions now and at training, of probabilities or hours of life."""
    rows = np.frombuffer(test.rows, dtype="<f4").reshape(len(test.probabilities), len(model.features))
    rows = rows.astype(np.float32)
    said = np.array(test.probabilities)
    off = float(np.abs(model.probabilities(rows) - said).max(initial=0.0))
    if test.life_hours is UNSET:
        return off
    now = _lives(model, rows, said)
    if now is UNSET or len(now) != len(test.life_hours):
        return float("inf")
    return max(off, float(np.abs(np.array(now) - np.array(test.life_hours)).max(initial=0.0)))


def _lives(model: Model, rows: Matrix, probability: Floats) -> tuple[float, ...] | UnsetType:
    return UNSET if model.life is None else tuple(model.life.quantiles(rows, probability).ravel().tolist())
