"""What a model tells of test rows besides a probability."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np

from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.evaluation.stated import stated_lives, stated_modes
from ml.measures.remaining_life import measure_lives
from ml.models.estimators import Model, ModelSize, Recipe
from ml.training.fitting import fit, predict

SMALL = Recipe(size=ModelSize(trees=8, depth=6), choose=False)


def test_lives_are_told_of_every_row(table: Table) -> None:
    split = by_time(table)
    model = fit(table, split, SMALL).model
    test = table.where(split.test)
    told = stated_lives(model, test, predict(model, test))
    assert told is not None
    assert len(told.low) == len(told.high) == len(test)
    assert (told.low <= told.high).all()
    assert measure_lives([told]) is not None


def test_one_mode_is_nothing_to_tell(table: Table) -> None:
    split = by_time(table)
    model = fit(table, split, SMALL).model
    test = table.where(split.test)
    assert stated_modes(model, test, np.ones(len(test)), table, threshold=0.5) is None


def test_the_commonest_mode_is_that_of_failures_that_taught(table: Table) -> None:
    """The table names all failures, those of the test among them: the guess must not know them."""
    first = int(table.event[table.event >= 0].min())
    kinds = tuple("first" if event == first else "later" for event in range(len(table.events)))
    named = replace(table, kinds=kinds)
    modes = SimpleNamespace(names=("first", "later"), shares=lambda features: np.zeros((len(features), 2)))
    model = cast(Model, SimpleNamespace(features=table.spec.names[:1], modes=modes))
    learned, test = named.where(named.event == first), named.where(named.event != first)
    told = stated_modes(model, test, np.ones(len(test)), learned, threshold=0.5)
    assert told is not None
    assert told.commonest == "first"
