"""Evaluations for tests of what is made of them; each is made once in a run, since it takes seconds."""

from pathlib import Path

import pytest

from ml.evaluation.job import EvaluationJob
from ml.evaluation.recording import Evaluation, evaluate_recording
from ml.models.estimators import ModelSize
from testkit.builders.messages import NOW
from testkit.builders.recordings import a_worn_recording, labelled_runs
from testkit.made_once import made_once


@pytest.fixture(scope="session")
def failures_found(run_folder: Path) -> Evaluation:
    """Of machines that wear and fail."""
    size = ModelSize(trees=10, depth=6)
    job = EvaluationJob(a_worn_recording(devices=9, hours=480), kinds=("random_forest",), size=size)
    return made_once(run_folder / "failures-found", lambda: evaluate_recording(job, NOW))


@pytest.fixture(scope="session")
def stretches_found(run_folder: Path) -> Evaluation:
    """Of runs in which somebody labelled what was abnormal."""
    size = ModelSize(trees=10, depth=6, leaf=20, rows_per_tree=2_000)
    job = EvaluationJob(labelled_runs(runs=4), kinds=("random_forest",), size=size)
    return made_once(run_folder / "stretches-found", lambda: evaluate_recording(job, NOW))
