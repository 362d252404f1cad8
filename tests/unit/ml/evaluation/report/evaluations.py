"""Evaluations for tests of their reports; made once, since they take seconds."""

from functools import lru_cache

from ml.evaluation.job import EvaluationJob
from ml.evaluation.recording import Evaluation, evaluate_recording
from ml.models.estimators import ModelSize
from testkit.builders.messages import NOW
from testkit.builders.recordings import a_worn_recording, labelled_runs


@lru_cache
def failures_found() -> Evaluation:
    """Of machines that wear and fail."""
    recording = a_worn_recording(devices=9, hours=480)
    return evaluate_recording(
        EvaluationJob(recording, kinds=("random_forest",), size=ModelSize(trees=10, depth=6)), NOW
    )


@lru_cache
def stretches_found() -> Evaluation:
    """Of runs in which somebody labelled what was abnormal."""
    size = ModelSize(trees=10, depth=6, leaf=20, rows_per_tree=2_000)
    return evaluate_recording(EvaluationJob(labelled_runs(runs=4), kinds=("random_forest",), size=size), NOW)
