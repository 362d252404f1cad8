"""From a table to a champion's card: fit, calibrate, choose the threshold, and measure on what was not seen."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from ml.arrays import Floats, Mask
from ml.datasets.splits import Split, folds_of
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.measures.alarms import failure_rule
from ml.measures.baselines import BASELINES
from ml.measures.drift import reference
from ml.measures.quality import (
    AlarmQuality,
    ProbabilityQuality,
    choose_threshold,
    measure_alarms,
    measure_probabilities,
)
from ml.models.card import Card, TrainedOn
from ml.models.estimators import Kind, Model, Recipe, calibrated, columns, varying

ENOUGH_FAILURES: Final = 10
"""So many failures a later slice must hold to calibrate a model and choose its threshold."""
CROSS_FOLDS: Final = 4


@dataclass(frozen=True, eq=False)
class SplitQuality:
    """What something that gives probabilities is worth on the test rows of a split."""

    name: str
    split: str
    probabilities: ProbabilityQuality
    alarms: AlarmQuality
    """With the threshold that was chosen on the validation rows."""
    probability: Floats
    """Of each test row."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A model, its threshold, and what it was worth."""

    model: Model
    threshold: float
    measured: SplitQuality


@dataclass(frozen=True, eq=False)
class Fitted:
    """A calibrated model, and what it says of rows that its forest did not see."""

    model: Model
    validate: Table
    probability: Floats
    """Of each row of `validate`: what thresholds are chosen on."""


def learn(table: Table, split: Split, *, budget: float, recipe: Recipe | None = None) -> Trained:
    """Train, calibrate and choose the threshold on rows that the forest did not see, measure on the test rows.

    `budget` is the number of false alarms per machine and month that the threshold may cost. Raises TooFewExamples.
    """
    recipe = recipe or Recipe()
    test = _both(table.where(split.test))
    fitted = fit(table, split, recipe)
    threshold = choose_threshold(fitted.validate, fitted.probability, failure_rule, budget=budget)
    probability = ask(fitted.model, test)
    measured = measure(told_kind(recipe.kind), split.name, test, probability, threshold)
    return Trained(fitted.model, threshold, measured)


def fit(table: Table, split: Split, recipe: Recipe) -> Fitted:
    """Train and calibrate.

    Where the later slice holds enough failures, it calibrates what was trained before it. Where failures are few, each
    of them is needed for both: the forest learns from all the past, and the unseen rows are those of each machine under
    a forest of the other machines. Raises TooFewExamples.
    """
    validate = table.where(split.validate)
    enough = len(np.unique(validate.event[validate.event >= 0])) >= ENOUGH_FAILURES
    past = table.where(split.fit if enough else split.past)
    used = varying(past.features)
    estimator = recipe.fit(past, used)
    if enough:
        score = estimator.predict_proba(validate.features[:, used])[:, 1]
    else:
        validate, score = by_other_machines(past, used, recipe)
    chosen = calibrated(estimator, score, validate.label)
    names = tuple(np.array(table.spec.names)[used].tolist())
    return Fitted(Model(recipe.kind, names, chosen), validate, chosen.probabilities(score))


def ask(model: Model, table: Table) -> Floats:
    """The model's probability for each row."""
    return model.probabilities(table.features[:, columns(table.spec.names, model.features)])


def told_kind(kind: Kind) -> str:
    """A kind of model, for people."""
    return kind.replace("_", " ")


def by_other_machines(past: Table, used: Mask, recipe: Recipe, *, folds: int = CROSS_FOLDS) -> tuple[Table, Floats]:
    """Rows with the scores that a classifier of the other machines gives them."""
    failed = len(np.unique(past.device[past.label == 1]))
    folds = min(folds, failed)
    if folds < 2:
        raise TooFewExamples("calibration", "failures of two machines at least are needed")
    fold = folds_of(past, folds=folds, seed=recipe.seed)
    score = np.zeros(len(past))
    for k in range(folds):
        unseen = (fold == k) & ~past.training_only
        score[unseen] = recipe.fit(past.where(fold != k), used).predict_proba(past.features[unseen][:, used])[:, 1]
    whole = ~past.training_only
    return past.where(whole), score[whole]


def beside(table: Table, split: Split, *, budget: float) -> list[SplitQuality]:
    """The baselines on the same rows, their thresholds chosen in the same way."""
    fit, validate, test = (table.where(rows) for rows in (split.fit, split.validate, split.test))
    found = []
    for name, baseline in BASELINES.items():
        threshold = choose_threshold(validate, baseline(fit, validate), failure_rule, budget=budget)
        found.append(measure(name, split.name, test, baseline(fit, test), threshold))
    return found


def measure(name: str, split: str, test: Table, probability: Floats, threshold: float) -> SplitQuality:
    """Probabilities and alarms on test rows; raises TooFewExamples where nothing, or everything, failed in them."""
    found = measure_alarms(_both(test), probability, failure_rule(threshold))
    return SplitQuality(name, split, measure_probabilities(test.label, probability), found, probability)


def _both(test: Table) -> Table:
    """The rows, if some come before a failure and some do not; raises TooFewExamples, before anything is trained."""
    if len(set(test.label.tolist())) < 2:
        raise TooFewExamples("test")
    return test


def card(trained: Trained, table: Table, split: Split, *, history: str, now: datetime) -> Card:
    """The card of a trained model, not sealed yet."""
    fit = table.where(split.fit)
    return Card(
        version="",
        created_at=now,
        kind=trained.model.kind,
        horizon_hours=table.horizon_ms / 3.6e6,
        threshold=trained.threshold,
        spec=table.spec,
        features=trained.model.features,
        trained_on=TrainedOn(
            name=history,
            devices=len(np.unique(fit.device)),
            since=datetime.fromtimestamp(int(fit.at_ms.min()) / 1000, UTC),
            until=datetime.fromtimestamp(int(fit.at_ms.max()) / 1000, UTC),
            rows=len(fit),
            failures=len(np.unique(fit.event[fit.event >= 0])),
        ),
        scores=scores(trained.measured),
        seen_until=datetime.fromtimestamp(_seen_until(table, split) / 1000, UTC),
        reference=reference(
            fit.features[~fit.training_only][:, columns(table.spec.names, trained.model.features)],
            trained.model.features,
            trained.measured.probability,
            machines=len(np.unique(fit.device)),
        ),
    )


def _seen_until(table: Table, split: Split) -> int:
    """Labels look a horizon ahead."""
    return int(table.at_ms[split.fit | split.validate | split.past].max()) + table.horizon_ms


def scores(measured: SplitQuality) -> dict[str, float | None]:
    """As they stand on a card: None where there was nothing to measure."""
    p, a = measured.probabilities, measured.alarms
    named = {
        "pr_auc": p.pr_auc,
        "prevalence": p.prevalence,
        "roc_auc": p.roc_auc,
        "brier": p.brier,
        "calibration_error": p.calibration_error,
        "event_recall": a.recall,
        "events": float(a.events),
        "false_alarms": a.false_per_month,
        "alarm_precision": a.precision,
        "lead_hours_median": a.lead(0.5),
        "lead_hours_p10": a.lead(0.1),
    }
    return {name: None if np.isnan(value) else round(value, 6) for name, value in named.items()}
