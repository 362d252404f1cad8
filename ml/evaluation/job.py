"""What is evaluated, and how thoroughly."""

from dataclasses import dataclass
from datetime import datetime

from energytrack.recording import Recording
from ml.evaluation.results import About
from ml.models.estimators import KINDS, VERSIONS, Kind, ModelSize
from ml.training.recording import ROWS, SEED


@dataclass(frozen=True)
class Job:
    """A recording to test on."""

    recording: Recording
    learn: tuple[Recording, ...] = ()
    """Other recordings to learn from."""
    rows: int = ROWS
    """Of each table, about."""
    kinds: tuple[Kind, ...] = KINDS
    """The champion's first."""
    size: ModelSize | None = None
    """Of the models; as large as they usually are, where nothing is asked for."""
    jobs: int = 1
    seed: int = SEED


def about(job: Job, now: datetime, signals: tuple[str, ...]) -> About:
    """What stands at the head of a report."""
    recording = job.recording
    return About(
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
