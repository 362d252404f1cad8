"""What calibrates a model, and chooses its threshold, was not seen by the forest that is judged."""

from dataclasses import replace

import numpy as np
import pytest

from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.models.estimators import ModelSize, Recipe
from ml.training.fitting import ENOUGH_FAILURES, by_other_machines, fit, predict

SMALL = Recipe(size=ModelSize(trees=8, depth=6))


def failures(table: Table) -> int:
    return len(np.unique(table.event[table.event >= 0]))


def test_many_failures_calibrate_by_time(table: Table) -> None:
    """The later slice is what thresholds are chosen on."""
    split = by_time(table)
    wide = replace(split, validate=split.validate | split.test)
    assert failures(table.where(wide.validate)) >= ENOUGH_FAILURES
    fitted = fit(table, wide, SMALL)
    assert fitted.validate.at_ms.tolist() == table.at_ms[wide.validate].tolist()
    assert fitted.probability.tolist() == predict(fitted.model, fitted.validate).tolist()


def test_few_failures_calibrate_by_other_machines(table: Table) -> None:
    """All the past, each machine under forests of the others; rows for training alone are left out."""
    split = by_time(table)
    few = replace(split, validate=split.validate & (table.label == 0))
    fitted = fit(table, few, SMALL)
    assert len(fitted.validate) == int((few.past & ~table.training_only).sum())
    assert fitted.probability.tolist() != predict(fitted.model, fitted.validate).tolist()


def test_one_machines_failures_cannot_calibrate(table: Table) -> None:
    """There is no other machine that would teach its forest what a failure is."""
    failed = np.unique(table.device[table.label == 1])[0]
    one = table.where((table.label == 0) | (table.device == failed))
    with pytest.raises(TooFewExamples, match="two machines"):
        by_other_machines(one, np.ones(one.features.shape[1], dtype=np.bool_), SMALL)
