"""How well failures are predicted: later in time, on unseen machines, and with models from other recordings."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import numpy as np

from energytrack.recording import Recording
from ml.datasets.common_features import common_spec
from ml.datasets.splits import Split, by_machine, by_time_with_failures, folds_of
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.errors import TooFewExamples
from ml.evaluation.job import EvaluationJob, about
from ml.evaluation.prediction import Comparison, TrainTestTables, compare, recipes_of
from ml.evaluation.results import FailureReport
from ml.models.estimators import ModelSize
from ml.progress import Begin

MACHINE_FOLDS: Final = 3


def evaluate_predictions(job: EvaluationJob, now: datetime, begin: Begin) -> tuple[FailureReport, list[Comparison]]:
    """The report, and the data for its plots; raises TooFewExamples if there is not a single row."""
    recipes = recipes_of(job.kinds, size=job.size or ModelSize(), seed=job.seed, jobs=job.jobs)
    table = _table(job, job.recording, begin("building features"))
    if len(table) == 0:
        raise TooFewExamples("evaluation")
    time = by_time_with_failures(table)
    days, tested = _days(table), _days(table.where(time.test))
    hours = table.horizon_ms / 3.6e6
    trials = []
    if job.learn and "elsewhere" in job.splits:
        names = ", ".join(recording.name for recording in job.learn)
        trials.append(
            compare(
                "elsewhere",
                f"All of this recording is tested with a model trained on {names} only.",
                lambda: [_elsewhere(job)],
                recipes,
                cut_hours=job.cut_hours,
                tick=begin("training on other recordings"),
            ),
        )
    if "time" in job.splits:
        trials.append(
            compare(
                "time",
                _by_time(days, tested, hours),
                lambda: [TrainTestTables.of(table, time)],
                recipes,
                cut_hours=job.cut_hours,
                tick=begin("split by time"),
            )
        )
    if "machine" in job.splits:
        trials.append(
            compare(
                "machine",
                f"In {MACHINE_FOLDS} folds, each machine is tested with a model trained on others.",
                lambda: _machines_apart(table, job.seed),
                recipes,
                cut_hours=job.cut_hours,
                tick=begin("split by machine"),
            )
        )
    failures = len(np.unique(table.event[table.event >= 0]))
    sections = tuple(trial.section for trial in trials)
    return FailureReport(about(job, now, table.spec.signals), hours, failures, sections), trials


def _machines_apart(table: Table, seed: int) -> list[TrainTestTables]:
    if len(np.unique(table.device)) < MACHINE_FOLDS:
        raise TooFewExamples("test", f"leaving machines out needs at least {MACHINE_FOLDS} machines")
    return [TrainTestTables.of(table, split) for split in by_machine(table, folds=MACHINE_FOLDS, seed=seed)]


def _by_time(days: float, tested: float, gap_hours: float) -> str:
    gap = f"with a gap of {gap_hours:g} h (the horizon) between training and test data"
    return f"The last {tested:.0f} of {days:.0f} days are tested, {gap}."


def _days(table: Table) -> float:
    return (int(table.at_ms.max()) - int(table.at_ms.min())) / 86_400_000 if len(table) else 0.0


def _table(job: EvaluationJob, recording: Recording, tick: Callable[[float], None]) -> Table:
    rng = np.random.default_rng(job.seed)
    return tabulate(recording, describe(recording), rows=job.rows, hide=rng, progress=tick)


def _elsewhere(job: EvaluationJob) -> TrainTestTables:
    """All of the recording, tested with models from other recordings; a quarter of their machines is for validation."""
    spec = common_spec(job.learn, job.recording)
    rows = job.rows // len(job.learn)
    learn = Table.concat([tabulate(one, spec, rows=rows, hide=np.random.default_rng(job.seed)) for one in job.learn])
    test = tabulate(job.recording, spec, rows=job.rows)
    held = folds_of(learn, folds=4, seed=job.seed) == 0
    none, every = np.zeros(len(learn), dtype=np.bool_), np.ones(len(learn), dtype=np.bool_)
    return TrainTestTables(
        learn, Split("elsewhere", fit=~held, validate=held & ~learn.training_only, test=none, past=every), test
    )
