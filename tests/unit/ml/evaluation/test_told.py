"""What a model tells of test rows besides a probability."""

import numpy as np

from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.evaluation.told import told_lives, told_modes
from ml.measures.remaining_life import measure_lives
from ml.models.estimators import ModelSize, Recipe
from ml.training.fitting import fit, predict

SMALL = Recipe(size=ModelSize(trees=8, depth=6), choose=False)


def test_lives_are_told_of_every_row(table: Table) -> None:
    split = by_time(table)
    model = fit(table, split, SMALL).model
    test = table.where(split.test)
    told = told_lives(model, test, predict(model, test))
    assert told is not None
    assert len(told.low) == len(told.high) == len(test)
    assert (told.low <= told.high).all()
    assert measure_lives([told]) is not None


def test_one_mode_is_nothing_to_tell(table: Table) -> None:
    split = by_time(table)
    model = fit(table, split, SMALL).model
    test = table.where(split.test)
    assert told_modes(model, test, np.ones(len(test)), table, threshold=0.5) is None
