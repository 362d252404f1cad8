"""The settings of an evaluation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from energytrack.recording import Recording
from ml.evaluation.results import EvaluationContext
from ml.models.estimators import KINDS, VERSIONS, Kind, ModelSize
from ml.training.recording import ROWS, SEED

SPLITS: Final = ("elsewhere", "time", "machine")
"""Trained on other recordings, on earlier times, on other machines."""


@dataclass(frozen=True)
class EvaluationJob:
    """A recording to test on."""

    recording: Recording
    learn: tuple[Recording, ...] = ()
    """Other recordings to train on."""
    rows: int = ROWS
    """Approximate number of rows of each table."""
    kinds: tuple[Kind, ...] = KINDS
    """Kinds of model, the champion's first."""
    size: ModelSize | None = None
    """Number of trees; the usual number by default."""
    jobs: int = 1
    splits: tuple[str, ...] = SPLITS
    """The ways to divide training and test data that are measured, of a recording with failures."""
    cut_hours: float | None = None
    """Errors of remaining life count lives as at most this; by default as the longest that is predicted."""
    seed: int = SEED


def about(job: EvaluationJob, now: datetime, signals: tuple[str, ...]) -> EvaluationContext:
    """The head of a report."""
    recording = job.recording
    return EvaluationContext(
        recording=recording.name,
        trained_on=tuple(one.name for one in job.learn),
        evaluated_at=now,
        machines=len(recording.devices),
        readings=len(recording),
        interval_seconds=recording.interval_seconds,
        signals=signals,
        seed=job.seed,
        libraries=dict(VERSIONS),
    )
