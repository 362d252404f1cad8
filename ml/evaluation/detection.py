"""Is a machine abnormal now? For recordings with labelled ranges instead of failures.

Models are trained on some runs and tested on others. A run must begin in normal operation: only the distance from its
beginning can be compared between runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from sklearn.metrics import roc_auc_score

from ml.arrays import Floats, Mask
from ml.datasets.splits import by_machine
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.features.spec import FeatureSpec
from ml.measures.alarms import AlarmRule, episodes
from ml.measures.baselines import BASELINES
from ml.measures.text import number, percent
from ml.models.estimators import Kind, ModelSize, Recipe, kind_name, varying
from ml.training.choice import choose
from ml.training.fitting import train, unseen_scores

CHOSEN: Final = "random forest, members chosen"
"""A model of normal operation may vote too: better on kinds of fault that nobody has seen, worse on those on record."""
FOLDS: Final = 4
INNER_FOLDS: Final = 3
REFERENCE_BLOCKS: Final = 5
"""A run's first blocks (minutes, with one reading a second), assumed to be normal operation."""
CONFIRM_ROWS: Final = 4
"""An alarm is raised when the score has been high for this many rows after the first."""
SIZE: Final = ModelSize(trees=60, depth=10, leaf=20, rows_per_tree=10_000)
"""Random seeds of the models by default."""
CANDIDATES: Final = 20
AT_CHANCE: Final = 1.1
"""A model whose F1 is at most this multiple of a permanent alarm's is useless."""


class DetectionQuality(Struct, frozen=True):
    """How well and how soon alarms match labelled ranges, row by row."""

    rows: int
    precision: float
    recall: float
    f1: float
    false_alarm_rate: float
    """Share of the normal rows that lie in an alarm."""
    stretches: int
    noticed: int
    delay_seconds_median: float
    """From the start of a range to its first row in an alarm; of detected ranges."""
    delay_seconds_max: float


class RunResult(Struct, frozen=True):
    """The detection quality of one run."""

    device_id: str
    detected: DetectionQuality


class DetectorResult(Struct, frozen=True):
    """The result of one contender on runs that were not used for training."""

    name: str
    model: bool
    signals: tuple[str, ...]
    detected: DetectionQuality
    roc_auc: float
    thresholds: tuple[float, ...]
    """One for each fold, chosen on training runs."""
    runs: tuple[RunResult, ...]


@dataclass(frozen=True, eq=False)
class DetectionScores:
    """A contender's scores of test rows, and which of them lie in an alarm."""

    table: Table
    score: Floats
    alarmed: Mask
    thresholds: tuple[float, ...]


Detector = Callable[[Table, Table], tuple[Table, Floats, Floats]]
"""From training rows and test rows to: rows for choosing a threshold, their scores, and scores of the test rows."""


def detection_spec(spec: FeatureSpec, signals: tuple[str, ...] | None = None) -> FeatureSpec:
    """The features for detection, from all signals or from some."""
    kept = tuple(i for i, name in enumerate(spec.signals) if signals is None or name in signals)
    return replace(
        spec,
        signals=tuple(spec.signals[i] for i in kept),
        floors=tuple(spec.floors[i] for i in kept),
        reference_blocks=REFERENCE_BLOCKS,
    )


def folds_of_runs(table: Table, *, seed: int) -> list[tuple[Table, Table]]:
    """Training runs and test runs; each run is tested once."""
    runs = len(np.unique(table.device))
    if runs < 2:
        raise TooFewExamples("test", "a single run cannot be evaluated: add more, or name recordings with --train-on")
    splits = by_machine(table, folds=min(FOLDS, runs), seed=seed)
    return [(table.where(split.past), table.where(split.test)) for split in splits]


def contenders(kinds: Sequence[Kind], *, size: ModelSize, seed: int, jobs: int) -> dict[str, Detector]:
    """The models and baselines, by name."""
    detectors: dict[str, Detector] = {}
    for kind in kinds:
        names = {kind_name(kind): False} | ({CHOSEN: True} if kind == "random_forest" else {})
        for name, choosing in names.items():
            detectors[name] = _model(
                Recipe(kind=kind, size=size, seed=seed, jobs=jobs, members=("specialists",), choose=choosing)
            )
    for name, baseline in BASELINES.items():
        detectors[name] = _baseline(baseline)
    return detectors


def run_detector(folds: Sequence[tuple[Table, Table]], ask: Detector) -> DetectionScores:
    """Let a contender find the abnormal rows of each fold's test runs; raises TooFewExamples."""
    tables, scores, alarmed, thresholds = [], [], [], []
    for learn, test in folds:
        validate, known, score = ask(learn, test)
        threshold = best_threshold(validate, known)
        tables.append(test)
        scores.append(score)
        alarmed.append(in_alarm(test, score, threshold))
        thresholds.append(threshold)
    return DetectionScores(Table.pool(tables), np.concatenate(scores), np.concatenate(alarmed), tuple(thresholds))


def assess(name: str, judged: DetectionScores, *, model: bool) -> DetectorResult:
    """The measures, over all runs and run by run."""
    table = judged.table
    runs = [
        RunResult(table.devices[device], measure_detection(table.where(own), judged.alarmed[own]))
        for device in np.unique(table.device).tolist()
        for own in [table.device == device]
    ]
    both = len(set(table.label.tolist())) == 2
    return DetectorResult(
        name=name,
        model=model,
        signals=table.spec.signals,
        detected=measure_detection(table, judged.alarmed),
        roc_auc=float(roc_auc_score(table.label, judged.score)) if both else float("nan"),
        thresholds=judged.thresholds,
        runs=tuple(runs),
    )


def measure_detection(table: Table, alarmed: Mask) -> DetectionQuality:
    """Compare alarms with the labelled ranges of the same rows; NaN if there is nothing to measure."""
    abnormal = table.label == 1
    hits, alarmed_rows, abnormal_rows = int((alarmed & abnormal).sum()), int(alarmed.sum()), int(abnormal.sum())
    delays = []
    stretches = np.unique(table.event[abnormal])
    for stretch in stretches.tolist():
        inside = table.event == stretch
        if (inside & alarmed).any():
            delays.append((int(table.at_ms[inside & alarmed].min()) - int(table.at_ms[inside].min())) / 1000)
    return DetectionQuality(
        rows=len(table),
        precision=_share(hits, alarmed_rows),
        recall=_share(hits, abnormal_rows),
        f1=_share(2 * hits, alarmed_rows + abnormal_rows if abnormal_rows else 0),
        false_alarm_rate=_share(alarmed_rows - hits, len(table) - abnormal_rows),
        stretches=len(stretches),
        noticed=len(delays),
        delay_seconds_median=float(np.median(delays)) if delays else float("nan"),
        delay_seconds_max=max(delays, default=float("nan")),
    )


def in_alarm(table: Table, score: Floats, threshold: float) -> Mask:
    """The rows in an alarm raised by the scores."""
    confirm = CONFIRM_ROWS * table.step_ms
    rule = AlarmRule(raise_at=threshold, clear_at=0.8 * threshold, confirm_ms=confirm)
    alarmed = np.zeros(len(table), dtype=np.bool_)
    order = np.lexsort((table.at_ms, table.device))
    device, at = table.device[order], table.at_ms[order]
    for alarm_device, since, until in episodes(device, at, score[order], rule, gap_ms=60 * table.step_ms).tolist():
        own = slice(*np.searchsorted(device, (alarm_device, alarm_device + 1)).tolist())
        first, last = np.searchsorted(at[own], (since, until + 1)) + own.start
        alarmed[order[first:last]] = True
    return alarmed


def best_threshold(table: Table, score: Floats) -> float:
    """The threshold whose alarms have the best F1 on these rows, which must not be the training rows of the scores."""
    share = float((table.label == 1).mean()) * np.linspace(0.3, 2.0, CANDIDATES)
    candidates = np.unique(np.quantile(score, 1.0 - np.minimum(share, 1.0)))
    worth = [np.nan_to_num(measure_detection(table, in_alarm(table, score, t)).f1) for t in candidates.tolist()]
    return float(candidates[int(np.argmax(worth))])


def always(table: Table) -> float:
    """F1 of a permanent alarm: the minimum for any model."""
    prevalence = float((table.label == 1).mean())
    return 2 * prevalence / (1 + prevalence)


def detection_in_words(result: DetectorResult, chance: float) -> str:
    """Whether to rely on a model, by its result, in a sentence."""
    d = result.detected
    signals = ", ".join(result.signals)
    scores = f"With {signals} alone, F1 is {number(d.f1, 2)} and ROC-AUC {number(result.roc_auc, 2)}"
    comparison = f"a permanent alarm has an F1 of {number(chance, 2)}"
    if d.f1 <= AT_CHANCE * chance:
        return (
            f"{scores}; {comparison}: these signals detect such faults no better than chance. Do not rely on them; add "
            "a sensor."
        )
    return (
        f"{scores}; {comparison}: they tell something, with {percent(d.false_alarm_rate)} of fault-free time in alarm."
    )


def _model(recipe: Recipe) -> Detector:
    def ask(learn: Table, test: Table) -> tuple[Table, Floats, Floats]:
        spec = learn.spec  # the level of a signal differs from run to run, and cannot be compared
        used = varying(learn.features) & np.array([name not in spec.levels for name in spec.names])
        voted = choose(learn, recipe, used=used)[0] if recipe.choose else recipe
        return (
            learn,
            unseen_scores(learn, used, voted, folds=INNER_FOLDS),
            train(voted, learn, used).predict_proba(test.features[:, used])[:, 1],
        )

    return ask


def _baseline(baseline: Callable[[Table, Table], Floats]) -> Detector:
    return lambda learn, test: (learn, baseline(learn, learn), baseline(learn, test))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
