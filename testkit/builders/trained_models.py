"""Real models for tests, small and quick to train, of machines that warm up and warn before they fail."""

from functools import lru_cache

import numpy as np

from ml.arrays import Matrix
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.models.card import Champion
from ml.models.estimators import Calibrated, Kind, Model, ModelSize, Recipe, varying
from ml.training.fitting import train
from testkit.builders.recordings import a_champion, a_worn_recording


@lru_cache
def _past() -> Table:
    recording = a_worn_recording(devices=4, hours=200)
    return tabulate(recording, describe(recording))


@lru_cache
def a_trained_champion(kind: Kind) -> Champion:
    """A trained model of a kind; trained once."""
    table = _past()
    used = varying(table.features)
    names = tuple(name for name, one in zip(table.spec.names, used.tolist(), strict=True) if one)
    estimator = train(Recipe(kind=kind, size=ModelSize(trees=20, depth=5)), table, used)
    plain = a_champion(kind=kind, spec=table.spec, features=names)
    return Champion(plain.card, Model(kind, names, Calibrated(estimator, 2.5, -1.0)))


def rows_before_failures() -> Matrix:
    """float32[40, features of the champion]: machines that were about to fail, some with many unknown features."""
    table = _past()
    used = varying(table.features)
    risky: Matrix = table.features[table.label == 1][:40, used].copy()
    risky[::3, ::4] = np.nan
    return risky
