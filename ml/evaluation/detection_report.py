"""How well labelled ranges are recognised, with all signals and with the three standard ones."""

from datetime import datetime
from typing import Final

from ml.datasets.common_features import common_spec
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.evaluation.detection import (
    SIZE,
    DetectionScores,
    always,
    assess,
    contenders,
    detection_in_words,
    detection_spec,
    folds_of_runs,
    run_detector,
)
from ml.evaluation.job import EvaluationJob, about
from ml.evaluation.results import DetectionReport
from ml.progress import Begin

THREE: Final = ("temperature", "pressure", "current")


def evaluate_detection(
    job: EvaluationJob, now: datetime, begin: Begin
) -> tuple[DetectionReport, dict[str, DetectionScores]]:
    """The report, and the data for its plots; raises TooFewExamples if there is only one run."""
    tick = begin("building features")
    folds, how = _runs(job, None)
    tick(1.0)
    detectors = contenders(job.kinds, size=job.size or SIZE, seed=job.seed, jobs=job.jobs)
    tick = begin("training on some runs, testing on others")
    judged, found = {}, []
    for name, detector in detectors.items():
        judged[name] = run_detector(folds, detector)
        found.append(assess(name, judged[name], model=name in list(detectors)[: len(job.kinds)]))
        tick(1.0 / len(detectors))
    champion = found[0]
    chance = always(judged[champion.name].table)
    three, words = None, ""
    if set(THREE) & set(champion.signals) and set(champion.signals) - set(THREE):
        tick = begin("three signals alone")
        three = assess(champion.name, run_detector(_runs(job, THREE)[0], detectors[champion.name]), model=True)
        words = detection_in_words(three, chance)
        tick(1.0)
    report = DetectionReport(
        about=about(job, now, champion.signals),
        how=how,
        stretches=champion.detected.stretches,
        chance_f1=chance,
        contenders=tuple(found),
        three_signals=three,
        three_signals_in_words=words,
    )
    return report, judged


def _runs(job: EvaluationJob, signals: tuple[str, ...] | None) -> tuple[list[tuple[Table, Table]], str]:
    """Training and test tables, fold by fold; and how they were divided."""
    if not job.learn:
        table = tabulate(job.recording, detection_spec(describe(job.recording), signals))
        folds = folds_of_runs(table, seed=job.seed)
        return folds, f"In {len(folds)} folds, each run is tested with a model trained on other runs."
    spec = detection_spec(common_spec(job.learn, job.recording), signals)
    learn = Table.concat([tabulate(one, spec) for one in job.learn])
    names = ", ".join(one.name for one in job.learn)
    return [(learn, tabulate(job.recording, spec))], f"All runs are tested with a model trained on {names} only."
