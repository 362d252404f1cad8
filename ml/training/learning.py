"""Trains a model, chooses its threshold, and measures both on unseen data."""

from dataclasses import dataclass

from ml.arrays import Floats
from ml.datasets.splits import Split
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.measures.alarms import failure_rule
from ml.measures.baselines import BASELINES
from ml.measures.cost import Prices, cheapest_threshold, known_failures, monthly_cost
from ml.measures.quality import (
    AlarmQuality,
    ProbabilityQuality,
    choose_threshold,
    measure_alarms,
    measure_probabilities,
)
from ml.models.card import ChosenByCost
from ml.models.estimators import Model, Recipe, kind_name
from ml.training.choice import CandidateTrial
from ml.training.fitting import fit, predict


@dataclass(frozen=True, eq=False)
class SplitQuality:
    """The measures of a model or baseline on the test rows of a split."""

    name: str
    split: str
    probabilities: ProbabilityQuality
    alarms: AlarmQuality
    """Measured with the threshold that was chosen on validation rows."""
    probability: Floats
    """[test rows]."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A model, its threshold, and its measures."""

    model: Model
    threshold: float
    measured: SplitQuality
    tried: tuple[CandidateTrial, ...] = ()
    """Results of all candidates on machines left out; empty if there was no choice."""
    by_cost: ChosenByCost | None = None
    """Cost of wrong alarms on the test rows; None if it is not known."""


def learn(
    table: Table, split: Split, *, budget: float, recipe: Recipe | None = None, prices: Prices | None = None
) -> Trained:
    """Train and calibrate a model, choose its threshold on rows that it did not see, and measure it on the test rows.

    `budget` is the number of false alarms per machine and month that the threshold may cause; with `prices`, the
    threshold is higher if that saves costs. Raises TooFewExamples if there is nothing to train on, or to test on.
    """
    recipe = recipe or Recipe()
    if not split.test.any():
        raise TooFewExamples("test")
    test = table.where(split.test)
    fitted = fit(table, split, recipe)
    threshold = at_budget = choose_threshold(fitted.validate, fitted.probability, failure_rule, budget=budget)
    if prices is not None:
        threshold = cheapest_threshold(
            fitted.validate, fitted.probability, failure_rule, at_budget=at_budget, prices=prices
        )
    probability = predict(fitted.model, test)
    measured = measure(kind_name(fitted.model.kind), split.name, test, probability, threshold)
    by_cost = _by_cost(test, probability, threshold, at_budget, prices) if prices is not None else None
    return Trained(fitted.model, threshold, measured, fitted.tried, by_cost)


def _by_cost(
    test: Table, probability: Floats, threshold: float, at_budget: float, prices: Prices
) -> ChosenByCost | None:
    cost, otherwise = (monthly_cost(test, probability, failure_rule(one), prices) for one in (threshold, at_budget))
    if cost is None or otherwise is None:
        return None
    return ChosenByCost(at_budget, round(cost, 2), round(otherwise, 2), known_failures(test, prices))


def beside(table: Table, split: Split, *, budget: float) -> list[SplitQuality]:
    """The measures of the baselines on the same rows, with thresholds chosen in the same way."""
    fit, validate, test = (table.where(rows) for rows in (split.fit, split.validate, split.test))
    measured = []
    for name, baseline in BASELINES.items():
        threshold = choose_threshold(validate, baseline(fit, validate), failure_rule, budget=budget)
        measured.append(measure(name, split.name, test, baseline(fit, test), threshold))
    return measured


def measure(name: str, split: str, test: Table, probability: Floats, threshold: float) -> SplitQuality:
    """Measure probabilities and alarms on test rows; without failures in them, only false alarms can be measured."""
    quality = measure_alarms(test, probability, failure_rule(threshold))
    return SplitQuality(name, split, measure_probabilities(test.label, probability), quality, probability)
