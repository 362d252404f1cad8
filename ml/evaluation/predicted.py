"""Predictions for test rows besides a probability: remaining life, failure modes and components."""

from collections import Counter

import numpy as np

from ml.arrays import Floats, Mask
from ml.datasets.table import Table
from ml.datasets.time_left import HOUR_MS
from ml.measures.failure_modes import PredictedModes
from ml.measures.remaining_life import PredictedLives
from ml.models.estimators import Model, columns
from ml.models.life import MIDDLE, consistent
from ml.models.modes import Modes


def predicted_lives(model: Model, test: Table, probability: Floats) -> PredictedLives | None:
    """The intervals of remaining life; None if the model does not predict them."""
    if model.life is None:
        return None
    features = test.features[:, columns(test.spec.names, model.features)]
    quantiles = model.life.quantiles(features, probability)
    low, high = consistent(*model.life.interval(quantiles), probability, horizon_hours=test.horizon_ms / HOUR_MS)
    return PredictedLives(test, low, high, model.life.reach_hours, quantiles[:, MIDDLE])


def predicted_modes(
    model: Model, test: Table, probability: Floats, learned: Table, *, threshold: float
) -> PredictedModes | None:
    """The shares of the modes at alarming rows before failures; None if the model does not predict them.

    `learned` are the rows that the model was trained on, because a table also has the failures of its test.
    """
    counted = _counted(learned, learned.kinds)
    return _predicted(model, model.modes, test, names=test.kinds, alarm=probability >= threshold, counted=counted)


def predicted_components(
    model: Model, test: Table, probability: Floats, learned: Table, *, threshold: float
) -> PredictedModes | None:
    """The shares of components before failures with a recorded component; None if the model does not predict them."""
    counted = _counted(learned, learned.components)
    return _predicted(
        model, model.components, test, names=test.components, alarm=probability >= threshold, counted=counted
    )


def _counted(learned: Table, names: tuple[str, ...]) -> Counter[str]:
    """The number of failures of each mode or component."""
    return Counter(names[event] for event in np.unique(learned.event[learned.event >= 0]).tolist() if names[event])


def _predicted(
    model: Model, modes: Modes | None, test: Table, *, names: tuple[str, ...], alarm: Mask, counted: Counter[str]
) -> PredictedModes | None:
    named = np.array([bool(name) for name in names] or [False], dtype=np.bool_)
    rows = np.flatnonzero((test.label == 1) & alarm & named[np.maximum(test.event, 0)])
    if modes is None or len(rows) == 0:
        return None
    features = test.features[rows][:, columns(test.spec.names, model.features)]
    return PredictedModes(
        names=modes.names,
        shares=modes.shares(features),
        event=test.event[rows],
        kinds=names,
        commonest=max(counted, key=lambda name: (counted[name], name)),
    )
