"""Contenders on the same rows."""

from dataclasses import replace

import numpy as np
import pytest

from energytrack.recording import Recording
from ml.datasets.splits import Split, by_time_with_failures
from ml.datasets.tabulate import describe, tabulate
from ml.errors import LeakySplit
from ml.evaluation.prediction import TrainTestTables, predictions
from ml.models.estimators import ModelSize, Recipe


@pytest.mark.slow
def test_thresholds_come_from_rows_that_are_not_tested(recording: Recording) -> None:
    """Test rows with their features shuffled and their labels turned round change what is said, and no threshold."""
    table = tabulate(recording, describe(recording))
    sides = TrainTestTables.of(table, by_time_with_failures(table))
    order = np.random.default_rng(0).permutation(len(sides.test))
    spoilt = replace(sides.test, features=sides.test.features[order], label=1 - sides.test.label)
    recipe = Recipe(size=ModelSize(trees=12, depth=8))
    honest = dict(predictions(sides, [recipe]))
    cheated = dict(predictions(replace(sides, test=spoilt), [recipe]))
    assert honest.keys() == cheated.keys()
    for name, part in honest.items():
        assert cheated[name].thresholds == part.thresholds, name
    assert cheated["random forest"].probability.tolist() != honest["random forest"].probability.tolist()


def test_rows_at_random_are_refused(recording: Recording) -> None:
    """They would make any model look good."""
    table = tabulate(recording, describe(recording))
    test = np.random.default_rng(0).random(len(table)) < 0.3
    with pytest.raises(LeakySplit):
        TrainTestTables.of(table, Split("random", fit=~test, validate=np.zeros_like(test), test=test, past=~test))
