"""Training and calibration: a calibrated model, and its probabilities of unseen rows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml.arrays import Floats, Mask
from ml.datasets.splits import Split, folds_of
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.models.estimators import Estimator, Model, Recipe, calibrated, columns, varying

ENOUGH_FAILURES: Final = 10
"""Failures that a later slice must contain to calibrate a model and choose its threshold."""
CROSS_FOLDS: Final = 4


@dataclass(frozen=True, eq=False)
class Fitted:
    """A calibrated model, and its probabilities of rows that its forest did not see."""

    model: Model
    validate: Table
    probability: Floats
    """For each row of `validate`: the basis for choosing thresholds."""


def fit(table: Table, split: Split, recipe: Recipe) -> Fitted:
    """Train and calibrate.

    If the later slice contains enough failures, it calibrates the model trained on the earlier data. If failures are
    few, each of them is needed for both: the forest is trained on all data, and the unseen rows are those of each
    machine with a forest trained on the other machines. Raises TooFewExamples.
    """
    validate = table.where(split.validate)
    enough = len(np.unique(validate.event[validate.event >= 0])) >= ENOUGH_FAILURES
    past = table.where(split.fit if enough else split.past)
    used = varying(past.features)
    estimator = train(recipe, past, used)
    if enough:
        score = estimator.predict_proba(validate.features[:, used])[:, 1]
    else:
        validate, score = by_other_machines(past, used, recipe)
    chosen = calibrated(estimator, score, validate.label)
    names = tuple(np.array(table.spec.names)[used].tolist())
    return Fitted(Model(recipe.kind, names, chosen), validate, chosen.probabilities(score))


def predict(model: Model, table: Table) -> Floats:
    """The model's probability for each row."""
    return model.probabilities(table.features[:, columns(table.spec.names, model.features)])


def train(recipe: Recipe, table: Table, used: Mask) -> Estimator:
    """A raw classifier of the columns `used` [features] of a table's rows; raises TooFewExamples."""
    general = np.array([name in table.spec.general for name in table.spec.names], dtype=np.bool_)
    return recipe.fit(table.features[:, used], table.label, general=general[used])


def by_other_machines(past: Table, used: Mask, recipe: Recipe, *, folds: int = CROSS_FOLDS) -> tuple[Table, Floats]:
    """Rows with their scores by a classifier trained on the other machines."""
    failed = len(np.unique(past.device[past.label == 1]))
    folds = min(folds, failed)
    if folds < 2:
        raise TooFewExamples("calibration", "failures of at least two machines are needed")
    fold = folds_of(past, folds=folds, seed=recipe.seed)
    score = np.zeros(len(past))
    for k in range(folds):
        unseen = (fold == k) & ~past.training_only
        others = train(recipe, past.where(fold != k), used)
        score[unseen] = others.predict_proba(past.features[unseen][:, used])[:, 1]
    regular = ~past.training_only
    return past.where(regular), score[regular]
