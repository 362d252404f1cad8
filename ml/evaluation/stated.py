"""What a model tells of test rows besides a probability: how long is left, and what will fail."""

from collections import Counter

import numpy as np

from ml.arrays import Floats
from ml.datasets.table import Table
from ml.measures.failure_modes import StatedModes
from ml.measures.remaining_life import StatedLives
from ml.models.estimators import Model, columns


def stated_lives(model: Model, test: Table, probability: Floats) -> StatedLives | None:
    """The intervals of remaining life; None if the model cannot tell."""
    if model.life is None:
        return None
    features = test.features[:, columns(test.spec.names, model.features)]
    low, high = model.life.interval(model.life.quantiles(features, probability))
    return StatedLives(test, low, high, model.life.reach_hours)


def stated_modes(
    model: Model, test: Table, probability: Floats, learned: Table, *, threshold: float
) -> StatedModes | None:
    """The shares of the modes at the rows before failures that raise an alarm; None if the model cannot tell.

    `learned` has the rows that taught the model: a table names the failures of its test as well.
    """
    rows = np.flatnonzero((test.label == 1) & (probability >= threshold))
    if model.modes is None or len(rows) == 0:
        return None
    features = test.features[rows][:, columns(test.spec.names, model.features)]
    counted = Counter(learned.kinds[event] for event in np.unique(learned.event[learned.event >= 0]).tolist())
    return StatedModes(
        names=model.modes.names,
        shares=model.modes.shares(features),
        event=test.event[rows],
        kinds=test.kinds,
        commonest=max(counted, key=lambda kind: (counted[kind], kind)),
    )
