"""A recording is evaluated by what is known of it."""

from dataclasses import replace

import pytest

from ml.errors import TooFewExamples
from ml.evaluation.job import EvaluationJob
from ml.evaluation.recording import Evaluation, evaluate_recording
from ml.evaluation.results import DetectionReport, FailureReport
from testkit.builders.messages import NOW
from testkit.builders.recordings import labelled_runs

pytestmark = pytest.mark.slow


def test_labelled_stretches_are_recognised_and_failures_foreseen(
    failures_found: Evaluation, stretches_found: Evaluation
) -> None:
    assert isinstance(stretches_found.report, DetectionReport)
    assert isinstance(failures_found.report, FailureReport)


def test_the_raw_material_of_the_pictures_comes_along(failures_found: Evaluation, stretches_found: Evaluation) -> None:
    """Each contender's scores of the runs; each way to divide the failures."""
    detected, foreseen = stretches_found, failures_found
    assert isinstance(detected.report, DetectionReport)
    assert isinstance(foreseen.report, FailureReport)
    assert list(detected.judged) == [contender.name for contender in detected.report.contenders]
    assert [trial.section for trial in foreseen.trials] == list(foreseen.report.sections)
    assert not detected.trials
    assert not foreseen.judged


def test_runs_with_a_horizon_are_recordings_of_failures() -> None:
    """There are no failures in these, which is said instead of a number."""
    runs = replace(labelled_runs(runs=2), horizon_hours=24.0)
    with pytest.raises(TooFewExamples):
        evaluate_recording(EvaluationJob(runs, kinds=("random_forest",)), NOW)
