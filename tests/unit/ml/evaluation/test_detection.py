import numpy as np
import pytest

from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.errors import TooFewExamples
from ml.evaluation.detection import (
    always,
    best_threshold,
    detection_spec,
    folds_of_runs,
    in_alarm,
    measure_detection,
)
from ml.models.estimators import ModelSize
from testkit.builders.recordings import labelled_runs

SMALL = ModelSize(trees=20, depth=6, leaf=20, rows_per_tree=2_000)


@pytest.fixture(scope="module")
def table() -> Table:
    recording = labelled_runs(runs=2)
    return tabulate(recording, detection_spec(describe(recording)))


def test_rows_in_an_alarm_are_counted_against_the_stretches(table: Table) -> None:
    """Precision, recall, false alarms and the delay until the first alarm within."""
    start = int(table.at_ms[table.event == 0].min())
    alarmed = (table.event == 0) & (table.at_ms >= start + 30_000)
    found = measure_detection(table, alarmed)
    assert (found.stretches, found.noticed, found.delay_seconds_median) == (2, 1, 30.0)
    assert found.precision == 1.0
    assert found.recall == pytest.approx(alarmed.sum() / (table.label == 1).sum())
    every = measure_detection(table, np.ones(len(table), dtype=np.bool_))
    assert (every.false_alarm_rate, every.recall, every.delay_seconds_max) == (1.0, 1.0, 0.0)
    assert every.f1 == pytest.approx(always(table))
    none = measure_detection(table, np.zeros(len(table), dtype=np.bool_))
    assert (none.noticed, none.recall) == (0, 0.0)
    assert np.isnan(none.precision)


def test_an_alarm_waits_for_confirmation(table: Table) -> None:
    """A spike raises none; what lasts raises one a few rows later."""
    score = np.zeros(len(table))
    own = np.flatnonzero(table.device == 0)
    score[own[100:102]] = 1.0
    score[own[200:260]] = 1.0
    assert np.flatnonzero(in_alarm(table, score, 0.5)).tolist() == own[204:261].tolist()


def test_the_threshold_is_the_one_with_the_best_alarms(table: Table) -> None:
    """On the rows that it is given."""
    rng = np.random.default_rng(0)
    score = np.where(table.label == 1, 0.7, 0.3) + rng.uniform(-0.15, 0.15, len(table))
    threshold = best_threshold(table, score)
    assert measure_detection(table, in_alarm(table, score, threshold)).f1 > 0.95


def test_one_run_teaches_nothing() -> None:
    """And that is said."""
    recording = labelled_runs(runs=1)
    with pytest.raises(TooFewExamples, match="a single run"):
        folds_of_runs(tabulate(recording, describe(recording)), seed=0)
