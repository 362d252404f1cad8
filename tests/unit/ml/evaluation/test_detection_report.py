"""Labelled stretches, recognised by models of other runs, beside what knows nothing."""

import numpy as np
import pytest

from ml.evaluation.detection import detection_in_words
from ml.evaluation.detection_report import evaluate_detection
from ml.evaluation.job import EvaluationJob
from ml.evaluation.results import DetectionReport
from ml.models.estimators import ModelSize
from testkit.builders.messages import NOW
from testkit.builders.recordings import labelled_runs

pytestmark = pytest.mark.slow

SMALL = ModelSize(trees=20, depth=6, leaf=20, rows_per_tree=2_000)


@pytest.fixture(scope="module")
def report() -> DetectionReport:
    job = EvaluationJob(labelled_runs(), kinds=("random_forest",), size=SMALL)
    return evaluate_detection(job, NOW, lambda _: lambda _: None)[0]


def test_a_fault_is_noticed_in_runs_that_were_never_seen(report: DetectionReport) -> None:
    """Each run is scored by a model of the others, although each has a level of its own."""
    forest = report.contenders[0]
    assert forest.detected.f1 > 0.85
    assert forest.detected.noticed == forest.detected.stretches == report.stretches == 6
    assert 0 <= forest.detected.delay_seconds_median <= 60
    assert [run.device_id for run in forest.runs] == [f"run-{n}" for n in range(6)]
    assert sum(run.detected.rows for run in forest.runs) == forest.detected.rows


def test_what_knows_nothing_stands_beside_it(report: DetectionReport) -> None:
    """And is worse."""
    names = [found.name for found in report.contenders]
    models = ["random forest", "random forest, members chosen"]
    assert names == [
        *models,
        "prevalence",
        "clock only",
        "age only",
        "threshold rule",
        "warnings",
        "warnings since repair",
    ]
    assert all(np.nan_to_num(other.detected.f1) < 0.8 for other in report.contenders[len(models) :])


def test_signals_that_tell_nothing_are_said_to_tell_nothing(report: DetectionReport) -> None:
    """The fault is in the vibration, so the three that everybody has are at chance."""
    assert report.three_signals is not None
    assert report.three_signals.signals == ("temperature", "pressure", "current")
    assert report.three_signals.detected.f1 < 1.1 * report.chance_f1 + 0.05
    assert "temperature, pressure, current alone" in report.three_signals_in_words
    good = detection_in_words(report.contenders[0], report.chance_f1)
    assert "tell something" in good


def test_other_recordings_teach_too() -> None:
    """All runs are tested by a model of theirs alone."""
    job = EvaluationJob(
        labelled_runs(runs=2, first=100, seed=2),
        learn=(labelled_runs(runs=4),),
        kinds=("random_forest",),
        size=SMALL,
    )
    report, _ = evaluate_detection(job, NOW, lambda _: lambda _: None)
    assert "made up runs only" in report.how
    assert report.contenders[0].detected.f1 > 0.8
    assert [run.device_id for run in report.contenders[0].runs] == ["run-100", "run-101"]
