"""What calibrates a model, and chooses its threshold, was not seen by the forest that is judged."""

from dataclasses import replace

import numpy as np
import pytest

from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.models.estimators import Calibrated, ModelSize, Recipe, columns
from ml.models.normal import Normal
from ml.training.fitting import ENOUGH_FAILURES, UNKNOWN_AT_FIRST, fit, predict, unseen_scores

SMALL = Recipe(size=ModelSize(trees=8, depth=6), choose=False)


def failures(table: Table) -> int:
    return len(np.unique(table.event[table.event >= 0]))


@pytest.mark.slow
def test_many_failures_calibrate_by_time(table: Table) -> None:
    """The later slice is what thresholds are chosen on."""
    large = Table.concat([table] * 8)
    split = by_time(large)
    wide = replace(split, validate=split.validate | split.test)
    assert failures(large.where(wide.validate)) >= ENOUGH_FAILURES
    fitted = fit(large, wide, SMALL)
    assert fitted.validate.at_ms.tolist() == large.at_ms[wide.validate].tolist()
    assert fitted.probability.tolist() == predict(fitted.model, fitted.validate).tolist()


@pytest.mark.slow
def test_a_dozen_failures_do_not_decide_a_threshold(table: Table) -> None:
    """A month of half a false alarm per machine allows one or two of them there: all of the past is used instead."""
    split = by_time(table)
    wide = replace(split, validate=split.validate | split.test, past=split.past | split.test)
    assert 10 <= failures(table.where(wide.validate)) < ENOUGH_FAILURES
    assert len(fit(table, wide, SMALL).validate) == int((wide.past & ~table.training_only).sum())


@pytest.mark.slow
def test_few_failures_calibrate_by_other_machines(table: Table) -> None:
    """All the past, each machine under forests of the others; rows for training alone are left out."""
    split = by_time(table)
    few = replace(split, validate=split.validate & (table.label == 0))
    fitted = fit(table, few, SMALL)
    assert len(fitted.validate) == int((few.past & ~table.training_only).sum())
    assert fitted.probability.tolist() != predict(fitted.model, fitted.validate).tolist()


def test_one_machine_is_calibrated_by_other_times(table: Table) -> None:
    """A plant may have one machine only: each block of its time is scored by a forest of the others."""
    one = table.where(table.device == np.unique(table.device[table.label == 1])[0])
    score = unseen_scores(one, np.ones(one.features.shape[1], dtype=np.bool_), SMALL)
    assert failures(one) > 1
    assert score[one.label == 1].mean() > 2 * score[one.label == 0].mean()


def test_a_single_failure_cannot_calibrate(table: Table) -> None:
    """Nothing else would teach its forest what a failure is."""
    first = np.unique(table.event[table.event >= 0])[0]
    one = table.where((table.label == 0) | (table.event == first))
    with pytest.raises(TooFewExamples, match="two failures"):
        unseen_scores(one, np.ones(one.features.shape[1], dtype=np.bool_), SMALL)


@pytest.mark.slow
def test_young_machines_have_a_curve_of_their_own(table: Table) -> None:
    """Without a usual range the same score means something else."""
    fitted = fit(table, by_time(table), SMALL)
    estimator = fitted.model.estimator
    assert isinstance(estimator, Calibrated)
    assert estimator.youth is not None
    assert fitted.model.features[estimator.youth.column] == UNKNOWN_AT_FIRST
    known = table.where(~table.training_only & np.isfinite(table.features[:, table.spec.names.index("unusual")]))
    rows = known.features[:5][:, columns(table.spec.names, fitted.model.features)].copy()
    old = estimator.probabilities(np.full(5, 0.4), rows)
    rows[:, estimator.youth.column] = np.nan
    assert (estimator.probabilities(np.full(5, 0.4), rows) != old).all()


@pytest.mark.slow
def test_a_model_knows_what_is_normal_and_the_modes(table: Table) -> None:
    """Whether they have a vote or not; a single mode is no choice."""
    model = fit(table, by_time(table), SMALL).model
    assert model.normal is not None
    assert model.modes is None
    second = tuple(("bearing_wear", "belt_slip")[i % 2] for i in range(len(table.kinds)))
    modes = fit(replace(table, kinds=second), by_time(table), SMALL).model.modes
    assert modes is not None
    assert modes.names == ("bearing_wear", "belt_slip")


def test_without_failures_what_is_normal_is_the_model(table: Table) -> None:
    """Its score is no probability."""
    sound = table.where(table.label == 0)
    fitted = fit(sound, by_time(sound), Recipe(kind="normal"))
    assert isinstance(fitted.model.estimator, Normal)
    assert 0.0 <= fitted.probability.min() <= fitted.probability.max() <= 1.0
