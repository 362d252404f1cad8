"""One recording is evaluated: by its failures, or by the stretches that somebody labelled abnormal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ml.evaluation.detection import DetectionScores
from ml.evaluation.detection_report import evaluate_detection
from ml.evaluation.job import Job
from ml.evaluation.prediction import Comparison
from ml.evaluation.prediction_report import evaluate_predictions
from ml.evaluation.results import DetectionReport, FailureReport
from ml.progress import Begin


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What was found, and the raw material of its pictures."""

    report: FailureReport | DetectionReport
    trials: Sequence[Comparison] = ()
    """Of a recording with failures, one for each way to divide it."""
    judged: Mapping[str, DetectionScores] = field(default_factory=dict)
    """Of a recording with labelled stretches, by contender."""


def evaluate_recording(job: Job, now: datetime, begin: Begin = lambda _: lambda _: None) -> Evaluation:
    """Evaluate; raises TooFewExamples where there is nothing to learn from or to test on."""
    if job.recording.labels and job.recording.horizon_hours is None:
        detected, judged = evaluate_detection(job, now, begin)
        return Evaluation(detected, judged=judged)
    foreseen, trials = evaluate_predictions(job, now, begin)
    return Evaluation(foreseen, trials)
