"""Rows with their probabilities, by which a model shows that it says the same under other library versions."""

from typing import Final

import numpy as np
from msgspec import UNSET, Struct, UnsetType

from ml.arrays import Floats, Matrix
from ml.models.estimators import Model

ROWS: Final = 32
SAME: Final = 1e-6
"""Probabilities that differ by no more than this are the same."""


class SelfTest(Struct, frozen=True):
    """Rows of the model's own features, and what it said of them when it was trained."""

    rows: bytes
    """float32[rows, features], little endian."""
    probabilities: tuple[float, ...]
    life_hours: tuple[float, ...] | UnsetType = UNSET
    """The quantiles of remaining life that it predicted for these rows, row by row, if it predicts lives."""


def self_test_of(model: Model, features: Matrix) -> SelfTest:
    """A test from some of these rows [rows, features], from the least to the most likely to fail."""
    probabilities = model.probabilities(features)
    order = np.argsort(probabilities, kind="stable")
    some = order[np.unique(np.linspace(0, len(order) - 1, min(ROWS, len(order))).astype(np.int64))]
    rows = features[some].astype("<f4")
    return SelfTest(rows.tobytes(), tuple(probabilities[some].tolist()), _lives(model, rows, probabilities[some]))


def deviation(model: Model, test: SelfTest) -> float:
    """The largest difference between what a model says now and what it said, of probabilities or hours of life."""
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
