import numpy as np
import pytest

from energytrack.clock import ManualClock
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.errors import TooFewExamples
from ml.evaluation.detection import (
    always,
    best_threshold,
    detection_in_words,
    detection_spec,
    folds_of_runs,
    in_alarm,
    measure_detection,
)
from ml.evaluation.detection_report import evaluate_detection
from ml.evaluation.job import Job
from ml.evaluation.results import DetectionReport
from ml.models.estimators import ModelSize
from testkit.builders import NOW
from testkit.ml_builders import labelled_runs

SMALL = ModelSize(trees=20, depth=6, leaf=20, rows_per_tree=2_000)


@pytest.fixture(scope="module")
def table() -> Table:
    recording = labelled_runs(runs=2)
    return tabulate(recording, detection_spec(describe(recording)))


@pytest.fixture(scope="module")
def report() -> DetectionReport:
    job = Job(labelled_runs(), kinds=("random_forest",), size=SMALL)
    return evaluate_detection(job, ManualClock(NOW).now(), lambda _: lambda _: None)[0]


def test_a_fault_is_noticed_in_runs_that_were_never_seen(report: DetectionReport) -> None:
    """Each run is told by a model of others, though each has a level of its own."""
    forest = report.contenders[0]
    assert forest.detected.f1 > 0.85
    assert forest.detected.noticed == forest.detected.stretches == report.stretches == 6
    assert 0 <= forest.detected.delay_seconds_median <= 60
    assert [run.device_id for run in forest.runs] == [f"run-{n}" for n in range(6)]
    assert sum(run.detected.rows for run in forest.runs) == forest.detected.rows


def test_what_knows_nothing_stands_beside_it(report: DetectionReport) -> None:
    """And is worse."""
    names = [found.name for found in report.contenders]
    assert names == ["random forest", "prevalence", "clock only", "age only", "threshold rule"]
    assert all(np.nan_to_num(other.detected.f1) < 0.8 for other in report.contenders[1:])


def test_signals_that_tell_nothing_are_said_to_tell_nothing(report: DetectionReport) -> None:
    """The fault is in the vibration, so the three that everybody has are at chance."""
    assert report.three_signals is not None
    assert report.three_signals.signals == ("temperature", "pressure", "current")
    assert report.three_signals.detected.f1 < 1.1 * report.chance_f1 + 0.05
    assert "temperature, pressure, current alone" in report.three_signals_in_words
    good = detection_in_words(report.contenders[0], report.chance_f1)
    assert "tell something" in good


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


def test_other_recordings_teach_too() -> None:
    """All runs are tested by a model of theirs alone."""
    job = Job(
        labelled_runs(runs=2, first=100, seed=2),
        learn=(labelled_runs(runs=4),),
        kinds=("random_forest",),
        size=SMALL,
    )
    report, _ = evaluate_detection(job, NOW, lambda _: lambda _: None)
    assert "made up runs only" in report.how
    assert report.contenders[0].detected.f1 > 0.8
    assert [run.device_id for run in report.contenders[0].runs] == ["run-100", "run-101"]
