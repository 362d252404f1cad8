"""What a model tells of test rows besides a probability."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.evaluation.predicted import predicted_components, predicted_lives, predicted_modes
from ml.measures.failure_modes import measure_modes
from ml.measures.remaining_life import measure_lives
from ml.models.estimators import Model, ModelSize, Recipe
from ml.models.life import LEVELS, Life, LifeBins
from ml.scoring.remaining import RemainingLives
from ml.training.fitting import fit, predict

SMALL = Recipe(size=ModelSize(trees=8, depth=6), choose=False)


@pytest.mark.slow
def test_lives_are_predicted_for_every_row(table: Table) -> None:
    split = by_time(table)
    model = fit(table, split, SMALL).model
    test = table.where(split.test)
    predictions = predicted_lives(model, test, predict(model, test))
    assert predictions is not None
    assert len(predictions.low) == len(predictions.high) == len(test)
    assert (predictions.low <= predictions.high).all()
    of_all = predicted_lives(model, table, predict(model, table))
    assert of_all is not None
    assert measure_lives([of_all]) is not None
    assert measure_lives([predictions]) is None  # the record of the test's rows goes on for less than the model's reach


def test_the_intervals_that_are_measured_are_those_that_are_shown() -> None:
    """With whatever probability: evaluation and scoring widen them in the same way."""
    bins = LifeBins(np.array([0.6]), np.array([[5.0] * len(LEVELS), np.linspace(30.0, 80.0, len(LEVELS))]))
    model = cast(Model, SimpleNamespace(features=("unusual",), life=Life(100.0, bins)))
    probability = np.array([0.02, 0.19, 0.29, 0.35, 0.5, 0.95, 1.0])
    test = SimpleNamespace(
        features=np.zeros((7, 1), dtype=np.float32), spec=SimpleNamespace(names=("unusual",)), horizon_ms=24 * 3_600_000
    )
    measured = predicted_lives(model, cast(Table, test), probability)
    shown = RemainingLives(model.life, np.zeros(1, dtype=np.int64), horizon_hours=24.0).update(
        np.arange(7), np.zeros(7, dtype=np.int64), test.features, probability
    )
    assert measured is not None
    assert [(one.interval.at_least_hours, one.interval.at_most_hours) for one in shown if one is not None] == [
        (round(low, 2), None if np.isinf(high) else round(high, 2))
        for low, high in zip(measured.low.tolist(), measured.high.tolist(), strict=True)
    ]
    assert measured.low[-1] == 0.0


@pytest.mark.slow
def test_one_mode_is_nothing_to_tell(table: Table) -> None:
    split = by_time(table)
    model = fit(table, split, SMALL).model
    test = table.where(split.test)
    assert predicted_modes(model, test, np.ones(len(test)), table, threshold=0.5) is None


def test_the_commonest_mode_is_that_of_failures_that_taught(table: Table) -> None:
    """The table names all failures, those of the test among them: the guess must not know them."""
    first = int(table.event[table.event >= 0].min())
    kinds = tuple("first" if event == first else "later" for event in range(len(table.events)))
    named = replace(table, kinds=kinds)
    modes = SimpleNamespace(names=("first", "later"), shares=lambda features: np.zeros((len(features), 2)))
    model = cast(Model, SimpleNamespace(features=table.spec.names[:1], modes=modes))
    learned, test = named.where(named.event == first), named.where(named.event != first)
    predictions = predicted_modes(model, test, np.ones(len(test)), learned, threshold=0.5)
    assert predictions is not None
    assert predictions.commonest == "first"


def test_components_are_predicted_for_failures_that_name_one(table: Table) -> None:
    """Failures without a component are no wrong answers."""
    named, unnamed = np.unique(table.event[table.event >= 0])[:2].tolist()
    components = tuple("bearing" if event == named else "" for event in range(len(table.events)))
    classifier = SimpleNamespace(
        names=("bearing", "belt"), shares=lambda features: np.tile([0.9, 0.1], (len(features), 1))
    )
    model = cast(Model, SimpleNamespace(features=table.spec.names[:1], components=classifier))
    test = replace(table, components=components).where(np.isin(table.event, (named, unnamed)))
    predictions = predicted_components(model, test, np.ones(len(test)), test, threshold=0.5)
    assert predictions is not None
    assert {*predictions.event.tolist()} == {named}
    measured = measure_modes([predictions])
    assert measured is not None
    assert (measured.failures, measured.top_1, measured.commonest) == (1, 1, 1)


@pytest.mark.slow
def test_without_components_on_record_none_are_predicted(table: Table) -> None:
    split = by_time(table)
    model = fit(table, split, SMALL).model
    test = table.where(split.test)
    assert predicted_components(model, test, np.ones(len(test)), table, threshold=0.5) is None
