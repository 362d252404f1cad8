"""Evaluates one recording: by its failures, or by its labelled ranges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ml.evaluation.detection import DetectionScores
from ml.evaluation.detection_report import evaluate_detection
from ml.evaluation.job import EvaluationJob
from ml.evaluation.prediction import Comparison
from ml.evaluation.prediction_report import evaluate_predictions
from ml.evaluation.results import DetectionReport, FailureReport
from ml.progress import Begin


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The results, and the data for the plots."""

    report: FailureReport | DetectionReport
    trials: Sequence[Comparison] = ()
    """For a recording with failures, one for each way to divide it."""
    judged: Mapping[str, DetectionScores] = field(default_factory=dict)
    """For a recording with labelled ranges, by contender."""


def evaluate_recording(job: EvaluationJob, now: datetime, begin: Begin = lambda _: lambda _: None) -> Evaluation:
    """Evaluate; raises TooFewExamples if there is too little to train or test on."""
    if job.recording.labels and job.recording.horizon_hours is None:
        detected, judged = evaluate_detection(job, now, begin)
        return Evaluation(detected, judged=judged)
    foreseen, trials = evaluate_predictions(job, now, begin)
    return Evaluation(foreseen, trials)
