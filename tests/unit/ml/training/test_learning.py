"""Training, and what it is measured against."""

from dataclasses import replace

import numpy as np
import pytest

from energytrack.contract.costs import AlarmCosts
from ml.datasets.splits import by_machine, by_time
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.measures.quality import (
    measure_probabilities,
)
from ml.models.estimators import ModelSize, Recipe, varying
from ml.training.fitting import train
from ml.training.learning import beside, learn

HOUR = 3_600_000


SMALL = Recipe(size=ModelSize(trees=20, depth=8), choose=False)


@pytest.mark.slow
def test_a_forest_learns_what_wears_machines_and_the_baselines_do_not(table: Table) -> None:
    """On later time, and on machines that it never saw."""
    for split in (by_time(table), by_machine(table, folds=3, seed=0)[0]):
        trained = learn(table, split, budget=1.0, recipe=SMALL)
        found = trained.measured
        assert found.probabilities.pr_auc > 0.8 > 2 * found.probabilities.prevalence - 0.1
        assert found.alarms.recall > 0.8
        for other in beside(table, split, budget=1.0):
            assert other.probabilities.pr_auc < found.probabilities.pr_auc


def test_rows_split_at_random_would_leak(table: Table) -> None:
    """The very reason for blocks: neighbours of test rows in training make any model look better than it is.

    All that this model can see is a clock of its own for each machine, which foretells nothing.
    """
    rng = np.random.default_rng(0)
    features = np.zeros_like(table.features)
    features[:, 0] = table.at_ms // HOUR + 1000 * table.device
    blind = replace(table, features=features, training_only=np.zeros(len(table), dtype=bool))
    honest, test, deep = by_time(blind), rng.random(len(blind)) < 0.3, Recipe(size=ModelSize(trees=20, depth=20))
    used = varying(features)
    p = train(deep, blind.where(honest.fit), used).predict_proba(features[honest.test][:, used])[:, 1]
    q = train(deep, blind.where(~test), used).predict_proba(features[test][:, used])[:, 1]
    assert measure_probabilities(blind.label[honest.test], p).roc_auc < 0.65
    assert measure_probabilities(blind.label[test], q).roc_auc > 0.85


def test_a_history_without_failures_teaches_nothing(table: Table) -> None:
    """And says so."""
    sound = table.where(table.label == 0)
    with pytest.raises(TooFewExamples, match="training"):
        learn(sound, by_time(sound), budget=1.0, recipe=SMALL)


@pytest.mark.slow
def test_false_alarms_are_measured_where_nothing_failed(table: Table) -> None:
    """A test block without a failure tells no recall, and how often a model cries wolf."""
    split = by_time(table)
    calm = replace(split, test=split.test & (table.label == 0))
    measured = learn(table, calm, budget=1.0, recipe=SMALL).measured
    assert np.isnan(measured.probabilities.pr_auc)
    assert measured.alarms.events == 0
    assert measured.alarms.machine_months > 0


def test_what_is_normal_is_learned_without_failures(table: Table) -> None:
    """It keeps to the budget on days that it never saw."""
    sound = table.where(table.label == 0)
    trained = learn(sound, by_time(sound), budget=1.0, recipe=Recipe(kind="normal"))
    assert trained.tried == ()
    assert trained.measured.alarms.false_per_month <= 2.0


@pytest.mark.slow
def test_what_wrong_alarms_cost_is_measured_on_the_test_rows(table: Table) -> None:
    """And never loosens the threshold; without costs there is none."""
    split = by_time(table)
    budgeted = learn(table, split, budget=1.0, recipe=SMALL)
    priced = learn(table, split, budget=1.0, recipe=SMALL, prices=lambda *_: AlarmCosts(50.0, 500.0))
    assert budgeted.by_cost is None
    assert priced.by_cost is not None
    assert priced.threshold >= budgeted.threshold == priced.by_cost.threshold_at_budget
    assert priced.by_cost.failures == priced.measured.alarms.events
    assert learn(table, split, budget=1.0, recipe=SMALL, prices=lambda *_: None).by_cost is None
