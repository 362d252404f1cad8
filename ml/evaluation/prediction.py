"""The quality of models on unseen machines and times, compared with baselines: for recorded failures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct

from ml.arrays import Floats
from ml.datasets.splits import Split, check
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.evaluation.predicted import predicted_components, predicted_lives, predicted_modes
from ml.measures.alarms import failure_rule
from ml.measures.baselines import BASELINES
from ml.measures.failure_modes import ModeQuality, PredictedModes, measure_modes
from ml.measures.intervals import Interval, bootstrap, bootstrap_alarms
from ml.measures.quality import (
    AlarmQuality,
    ProbabilityQuality,
    choose_threshold,
    measure_alarms,
    measure_probabilities,
    pool_alarms,
)
from ml.measures.remaining_life import LifeQuality, PredictedLives, measure_lives
from ml.models.estimators import Kind, ModelSize, Recipe, kind_name
from ml.retraining.gate import Contender, GateTerms, decide
from ml.training.fitting import fit, predict

BUDGETS: Final = (0.5, 1.0)
"""False alarms per machine and month that a threshold may cause on validation data."""
GATE_BUDGET: Final = 1.0


class BudgetResult(Struct, frozen=True):
    """Measures of alarms with a threshold that was chosen, on validation data, for a budget of false alarms."""

    budget: float
    """False alarms per machine and month."""
    threshold: float
    """The mean, if a split has several folds with a threshold each."""
    events: int
    caught: int
    event_recall: float
    false_alarms: int
    false_alarms_per_machine_month: float
    alarm_precision: float
    lead_hours_median: float
    lead_hours_p10: float
    intervals: dict[str, Interval]


class TypeResult(Struct, frozen=True):
    """The results of one contender for the machines of one type."""

    device_type: str
    rows: int
    probabilities: ProbabilityQuality | None
    """None if nothing, or everything, failed."""
    alarms: tuple[BudgetResult, ...]


class ContenderResult(Struct, frozen=True):
    """The result of one contender on the test rows of a split."""

    name: str
    model: bool
    """False for the dummies and the rule, which are baselines."""
    probabilities: ProbabilityQuality
    intervals: dict[str, Interval]
    """95 % confidence intervals of those; for models only."""
    alarms: tuple[BudgetResult, ...]
    by_type: tuple[TypeResult, ...]
    life: LifeQuality | None = None
    """How often the intervals of remaining life were right; None if there are too few data for them."""
    modes: ModeQuality | None = None
    """How often the likeliest failure modes were right; None if there is only one to predict."""
    components: ModeQuality | None = None
    """The same for components; None if the recording does not have them."""


class SplitSection(Struct, frozen=True):
    """One way to divide training and test data."""

    split: str
    how: str
    test_rows: int = 0
    machines: int = 0
    events: int = 0
    verdicts: tuple[ContenderResult, ...] = ()
    gate: str = ""
    """The gate's verdict on the second model, if the first were champion."""
    problem: str = ""
    """Why there are no results."""


@dataclass(frozen=True, eq=False)
class TrainTestTables:
    """Training data and test data; usually rows of the same table."""

    table: Table
    split: Split
    test: Table

    @staticmethod
    def of(table: Table, split: Split) -> "TrainTestTables":
        """The sides of a split, which must not leak."""
        check(table, split)
        return TrainTestTables(table, split, table.where(split.test))


@dataclass(frozen=True, eq=False)
class FoldPredictions:
    """A contender's probabilities of the test rows of one fold, and its thresholds."""

    test: Table
    probability: Floats
    thresholds: tuple[float, ...]
    """One for each of BUDGETS."""
    lives: PredictedLives | None = None
    """The remaining lives that it predicted."""
    modes: PredictedModes | None = None
    """The failure modes that it predicted."""
    components: PredictedModes | None = None
    """The components that it predicted."""

    def alarms(self, place: int) -> AlarmQuality:
        """The measures of its alarms within one of the budgets."""
        return measure_alarms(self.test, self.probability, failure_rule(self.thresholds[place]))

    def of_type(self, device_type: str) -> "FoldPredictions":
        """The rows of one type's machines."""
        rows = np.array([kind == device_type for kind in self.test.device_types], dtype=np.bool_)[self.test.device]
        return FoldPredictions(self.test.where(rows), self.probability[rows], self.thresholds)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The probabilities of all contenders on all folds of a split: the data for gate and plots."""

    section: SplitSection
    parts: dict[str, tuple[FoldPredictions, ...]]
    """By contender, the champion's kind first."""


def compare(
    split: str,
    how: str,
    sides: Callable[[], Sequence[TrainTestTables]],
    recipes: Sequence[Recipe],
    *,
    cut_hours: float | None = None,
    tick: Callable[[float], None] = lambda _: None,
) -> Comparison:
    """Compare the models and baselines; if the history is too short, report that.

    Errors of remaining life count lives as at most `cut_hours`.
    """
    try:
        parts = _compete(sides(), recipes, tick)
    except TooFewExamples as error:
        return Comparison(SplitSection(split, how, problem=str(error)), {})
    kinds = [kind_name(recipe.kind) for recipe in recipes]
    first = parts[kinds[0]]
    section = SplitSection(
        split=split,
        how=how,
        test_rows=sum(len(part.test) for part in first),
        machines=sum(len(np.unique(part.test.device)) for part in first),
        events=sum(part.alarms(0).events for part in first),
        verdicts=tuple(
            _verdict(name, predicted, model=name in kinds, cut_hours=cut_hours) for name, predicted in parts.items()
        ),
        gate=_gate({kind: parts[kind] for kind in kinds}),
    )
    return Comparison(section, parts)


def recipes_of(kinds: Sequence[Kind], *, size: ModelSize, seed: int, jobs: int) -> tuple[Recipe, ...]:
    """A recipe for each kind."""
    return tuple(Recipe(kind=kind, size=size, seed=seed, jobs=jobs) for kind in kinds)


def pooled(parts: Sequence[FoldPredictions]) -> tuple[Table, Floats]:
    """The test rows of all folds, and their probabilities."""
    return Table.pool([part.test for part in parts]), np.concatenate([part.probability for part in parts])


def _compete(
    folds: Sequence[TrainTestTables], recipes: Sequence[Recipe], tick: Callable[[float], None]
) -> dict[str, tuple[FoldPredictions, ...]]:
    predicted: dict[str, list[FoldPredictions]] = {}
    for side in folds:
        if len(side.test) == 0:
            raise TooFewExamples("test")
        for name, part in predictions(side, recipes):
            predicted.setdefault(name, []).append(part)
            tick(1.0 / (len(folds) * (len(recipes) + len(BASELINES))))
    return {name: tuple(parts) for name, parts in predicted.items()}


def predictions(side: TrainTestTables, recipes: Sequence[Recipe]) -> Iterator[tuple[str, FoldPredictions]]:
    """Each contender's probabilities; all thresholds are chosen on the first model's validation rows."""
    validate = side.table.where(side.split.validate)
    for recipe in recipes:
        fitted = fit(side.table, side.split, recipe)
        validate = fitted.validate
        thresholds = _thresholds(validate, fitted.probability)
        probability = predict(fitted.model, side.test)
        place = BUDGETS.index(GATE_BUDGET)
        learned = side.table.where(side.split.past)
        modes, components = (
            predicted(fitted.model, side.test, probability, learned, threshold=thresholds[place])
            for predicted in (predicted_modes, predicted_components)
        )
        lives = predicted_lives(fitted.model, side.test, probability)
        yield kind_name(recipe.kind), FoldPredictions(side.test, probability, thresholds, lives, modes, components)
    learnt = side.table.where(side.split.fit)
    for name, baseline in BASELINES.items():
        thresholds = _thresholds(validate, baseline(learnt, validate))
        yield name, FoldPredictions(side.test, baseline(learnt, side.test), thresholds)


def _thresholds(validate: Table, probability: Floats) -> tuple[float, ...]:
    return tuple(choose_threshold(validate, probability, failure_rule, budget=budget) for budget in BUDGETS)


def _verdict(name: str, parts: Sequence[FoldPredictions], *, model: bool, cut_hours: float | None) -> ContenderResult:
    table, probability = pooled(parts)
    kinds = sorted({table.device_types[device] for device in np.unique(table.device).tolist()})
    return ContenderResult(
        name=name,
        model=model,
        probabilities=measure_probabilities(table.label, probability),
        intervals=bootstrap(table, probability) if model and len(set(table.label.tolist())) == 2 else {},
        alarms=_at_budgets(parts, intervals=model),
        by_type=tuple(_of_type(kind, [part.of_type(kind) for part in parts]) for kind in kinds) if model else (),
        life=measure_lives([part.lives for part in parts if part.lives], cut_hours=cut_hours),
        modes=measure_modes([part.modes for part in parts if part.modes]),
        components=measure_modes([part.components for part in parts if part.components]),
    )


def _of_type(device_type: str, parts: Sequence[FoldPredictions]) -> TypeResult:
    table, probability = pooled(parts)
    both = len(set(table.label.tolist())) == 2
    measured = measure_probabilities(table.label, probability) if both else None
    return TypeResult(device_type, len(table), measured, _at_budgets([part for part in parts if len(part.test)]))


def _at_budgets(parts: Sequence[FoldPredictions], *, intervals: bool = False) -> tuple[BudgetResult, ...]:
    pooled = [pool_alarms([part.alarms(place) for part in parts]) for place in range(len(BUDGETS))]
    return tuple(_at_budget(b, one, intervals=intervals) for b, one in zip(BUDGETS, pooled, strict=True))


def _at_budget(budget: float, quality: AlarmQuality, *, intervals: bool) -> BudgetResult:
    return BudgetResult(
        budget=budget,
        threshold=quality.threshold,
        events=quality.events,
        caught=quality.caught,
        event_recall=quality.recall,
        false_alarms=quality.false_alarms,
        false_alarms_per_machine_month=quality.false_per_month,
        alarm_precision=quality.precision,
        lead_hours_median=quality.lead(0.5),
        lead_hours_p10=quality.lead(0.1),
        intervals=bootstrap_alarms(quality) if intervals else {},
    )


def _gate(parts: dict[str, tuple[FoldPredictions, ...]]) -> str:
    """The gate's verdict in words; empty if there is only one model."""
    place = BUDGETS.index(GATE_BUDGET)
    first, *others = (
        Contender(kind, pool_alarms([p.alarms(place) for p in predicted])) for kind, predicted in parts.items()
    )
    if not others:
        return ""
    decision = decide(first, others, GateTerms(false_alarms=GATE_BUDGET))
    reasons = "; ".join(f"{reason.about}: {reason.text}" for reason in decision.reasons)
    return f"{decision.promoted or first.name} would become champion ({reasons})"
