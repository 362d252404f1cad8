"""Trains and calibrates a model, and returns its probabilities of unseen rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Mask, Matrix
from ml.datasets.splits import MINIMUM_GAP_MS, Split, folds_of
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.models.calibration import calibrated, sigmoid
from ml.models.estimators import Estimator, Model, Recipe, Youth, columns, varying
from ml.models.modes import Modes, modes_of
from ml.models.normal import Normal, normal_of, watched
from ml.training.choice import CandidateTrial, choose
from ml.training.remaining_life import UnseenRows, life_of

ENOUGH_FAILURES: Final = 50
"""Failures that a later slice must contain to calibrate a model and to choose its threshold.

In a smaller slice, the budget allows so few false alarms that one or two high scores of sound machines decide the
threshold; and the forest would miss the failures of that slice.
"""
CROSS_FOLDS: Final = 4
LEAST_YOUNG: Final = 20
"""Rows before failures that young machines need for a calibration curve of their own."""
UNKNOWN_AT_FIRST: Final = "unusual"
"""The feature that is NaN until a machine's usual range is known."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A calibrated model, and its probabilities of rows that its classifier did not see."""

    model: Model
    validate: Table
    """Unseen rows, without those for training only."""
    probability: Floats
    """[rows of `validate`], by which thresholds are chosen."""
    tried: tuple[CandidateTrial, ...] = ()
    """Results of all candidates on machines left out; empty if there was no choice."""


def fit(table: Table, split: Split, recipe: Recipe) -> Fitted:
    """Train and calibrate a model; raises TooFewExamples.

    If the later slice contains enough failures, it calibrates a model trained on the earlier data. Otherwise every
    failure is needed for both. The model is then trained on all data, and calibrated on scores by models that did not
    see the row: of other machines, or of other blocks of time if only one machine failed. A model of kind `normal` has
    scores instead of probabilities.
    """
    if recipe.kind == "normal":
        return _normal(table.where(split.fit), table.where(split.validate), recipe)
    tried: tuple[CandidateTrial, ...] = ()
    if recipe.choose:
        learned = table.where(split.past)
        recipe, tried = choose(learned, recipe, used=varying(learned.features))
    validate = table.where(split.validate)
    enough = len(np.unique(validate.event[validate.event >= 0])) >= ENOUGH_FAILURES
    past = table.where(split.fit if enough else split.past)
    used = varying(past.features)
    estimator = train(recipe, past, used)
    if enough:
        unseen = table.where(_calibrating(table, split))
        score = estimator.predict_proba(unseen.features[:, used])[:, 1]
    else:
        unseen, score = past, unseen_scores(past, used, recipe)
    regular = ~unseen.training_only
    names = tuple(np.array(table.spec.names)[used].tolist())
    youth = _youth(names, unseen.features[:, used], score, unseen.label)
    chosen = calibrated(
        estimator, score[regular], unseen.label[regular],
        youth=youth, normal=_what_is_normal(past, used), modes=_classifier_of(past, past.kinds, used, recipe),
        components=_classifier_of(past, past.components, used, recipe),
    )  # fmt: skip
    validate = unseen.where(regular)
    probability = chosen.probabilities(score[regular], validate.features[:, used])
    judged = UnseenRows(validate, validate.features[:, used], probability)
    chosen.life = life_of(judged, until_ms=_known_until(table, split), recipe=recipe)
    return Fitted(Model(recipe.kind, names, chosen), validate, probability, tried)


def _known_until(table: Table, split: Split) -> int:
    """The time until which outcomes may be used, in milliseconds: labels look one horizon ahead."""
    return int(table.at_ms[split.past | split.validate].max()) + table.horizon_ms


def _calibrating(table: Table, split: Split) -> Mask:
    """[rows], the validation rows, and training-only rows of the same time, which see only part of their history."""
    since = int(table.at_ms[split.validate].min())
    parts: Mask = split.past & ~split.fit & table.training_only & (table.at_ms >= since)
    return split.validate | parts


def _what_is_normal(past: Table, used: Mask) -> Normal | None:
    try:
        return normal_of(past.features[past.label == 0][:, used], watched(np.array(past.spec.names)[used].tolist()))
    except TooFewExamples:
        return None


def _classifier_of(past: Table, names: Sequence[str], used: Mask, recipe: Recipe) -> Modes | None:
    """A classifier of failure modes or components; `names` has that of each failure, empty if not recorded."""
    named = np.array([bool(name) for name in names], dtype=np.bool_)
    if not named.any():
        return None
    before = past.where((past.event >= 0) & named[np.maximum(past.event, 0)] & (past.label == 1))
    if len(before) == 0:
        return None
    row_names = [names[event] for event in before.event.tolist()]
    failures = Counter(names[event] for event in np.unique(before.event).tolist())
    return modes_of(before.features[:, used], row_names, failures, seed=recipe.seed)


def _youth(names: Sequence[str], features: Matrix, score: Floats, label: Integers) -> Youth | None:
    """The separate calibration curve of young machines; None if there are too few rows of them."""
    if UNKNOWN_AT_FIRST not in names:
        return None
    column = names.index(UNKNOWN_AT_FIRST)
    young = np.isnan(features[:, column])
    positive = int(label[young].sum())
    if positive < LEAST_YOUNG or positive == young.sum():
        return None
    return Youth(column, sigmoid(score[young], label[young]))


def predict(model: Model, table: Table) -> Floats:
    """[rows], the model's probabilities."""
    return model.probabilities(table.features[:, columns(table.spec.names, model.features)])


def train(recipe: Recipe, table: Table, used: Mask) -> Estimator:
    """An uncalibrated classifier, trained on the columns `used` [features] of a table; raises TooFewExamples."""
    general = np.array([name in table.spec.general for name in table.spec.names], dtype=np.bool_)
    names = np.array(table.spec.names)[used].tolist()
    return recipe.fit(table.features[:, used], table.label, general=general[used], watched=watched(names))


def unseen_scores(past: Table, used: Mask, recipe: Recipe, *, folds: int = CROSS_FOLDS) -> Floats:
    """[rows], each row's score by a classifier trained on other machines; raises TooFewExamples.

    If only one machine failed, it is trained on other times instead.
    """
    failed = len(np.unique(past.device[past.label == 1]))
    parts = _by_machines(past, min(folds, failed), recipe.seed) if failed > 1 else _by_times(past, folds)
    score = np.zeros(len(past))
    for own, others in parts:
        classifier = train(recipe, past.where(others), used)
        score[own] = classifier.predict_proba(past.features[own][:, used])[:, 1]
    return score


def _by_machines(past: Table, folds: int, seed: int) -> Iterator[tuple[Mask, Mask]]:
    fold = folds_of(past, folds=folds, seed=seed)
    for k in range(folds):
        yield fold == k, fold != k


def _by_times(past: Table, folds: int) -> Iterator[tuple[Mask, Mask]]:
    """Blocks of time with similar numbers of failures, each with all rows at least a horizon before or after it."""
    failures = np.sort(past.events[np.unique(past.event[past.event >= 0]), 1])
    folds = min(folds, len(failures))
    if folds < 2:
        raise TooFewExamples("calibration", "at least two failures are needed")
    ends = [int(part[-1]) for part in np.array_split(failures, folds)][:-1]
    block = np.searchsorted(np.array(ends), past.at_ms)
    gap = max(past.horizon_ms, MINIMUM_GAP_MS)
    for k in range(folds):
        own: Mask = block == k
        first, last = int(past.at_ms[own].min()), int(past.at_ms[own].max())
        yield own, (past.at_ms < first - gap) | (past.at_ms > last + gap)


def _normal(past: Table, validate: Table, recipe: Recipe) -> Fitted:
    used = varying(past.features)
    model = Model(recipe.kind, tuple(np.array(past.spec.names)[used].tolist()), train(recipe, past, used))
    return Fitted(model, validate, predict(model, validate))
