"""Trains challengers on a plant's own history and compares them with the champion; the gate decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from ml.arrays import Floats, Integers, Mask
from ml.datasets.splits import FIT_SHARE, VALIDATE_SHARE, Split, by_time
from ml.datasets.stored_history import History, spec_for, tables
from ml.datasets.table import Table
from ml.errors import TooFewExamples
from ml.measures.alarms import failure_rule
from ml.measures.cost import Prices, known_failures, monthly_cost
from ml.measures.quality import measure_alarms
from ml.models.card import Card, Champion
from ml.models.estimators import KINDS, ModelSize, Recipe, columns, kind_name
from ml.progress import Begin
from ml.retraining.gate import Contender, Decision, GateReason, GateTerms, decide, too_few
from ml.training.card import card
from ml.training.learning import Trained, learn

NEWEST_SHARE: Final = 1.0 - FIT_SHARE - VALIDATE_SHARE
"""The last part of the history, on which contenders are compared."""
EARLIER: Final = timedelta(days=3)
"""How much earlier the champion's rows begin: the table may end before the readings of the sampled machines do."""
ALL: Final = "challengers"


@dataclass(frozen=True)
class ChallengePlan:
    """Settings for training challengers."""

    terms: GateTerms
    rows: int = 200_000
    """Approximate number of rows of the training table."""
    seed: int = 0
    size: ModelSize = field(default_factory=ModelSize)
    jobs: int = 1
    """Processes, or -1 for one per core."""
    prices: Prices | None = None
    """The costs of wrong alarms, if the plant file has them."""

    def recipes(self) -> tuple[Recipe, ...]:
        """A recipe for each kind of model that competes."""
        return tuple(Recipe(kind=kind, size=self.size, seed=self.seed, jobs=self.jobs) for kind in KINDS)


@dataclass(frozen=True, eq=False)
class ChallengeResult:
    decision: Decision
    rows: int = 0
    trained: Trained | None = None
    """The challenger that was promoted."""
    card: Card | None = None
    """The card of that challenger, not sealed yet."""


def challenge(
    history: History,
    champion: Champion | None,
    plan: ChallengePlan,
    *,
    now: datetime,
    begin: Begin = lambda _: lambda _: None,
) -> ChallengeResult:
    """Train each kind of challenger on the older part of the history, and let the gate decide on the newest.

    If there are too few failures, nothing is read or trained. Raises NoHistory, and StoreUnavailable from reading the
    history.
    """
    newest = history.lately(NEWEST_SHARE)
    failures = history.failures(newest)
    if failures < plan.terms.least_events:
        return ChallengeResult(Decision(None, failures, (too_few(failures, plan.terms, about=ALL),), None, ()))
    tick = begin("building features")
    spec, interval = spec_for(history)
    rng = np.random.default_rng(plan.seed)
    table, seen = tables(
        history, spec, interval=interval, rows=plan.rows, hide=rng, progress=tick,
        champion=champion.card.spec if champion else None, champion_since=newest - EARLIER,
    )  # fmt: skip
    split = by_time(table)
    terms = plan.terms.at_horizon(table.horizon_ms)
    trained, reasons = _trained(table, split, plan, terms, begin)
    if not trained:
        return ChallengeResult(Decision(None, failures, tuple(reasons), None, ()), rows=len(table))
    block = table.where(split.test & _unseen(table, champion, history))
    incumbent = None
    if champion is not None and seen is not None:
        block, probability = _beside(block, seen, champion)
        incumbent = contender(champion.card.version, block, probability, champion.card.threshold, prices=plan.prices)
    contenders = [
        contender(name, block, _predict(one, block), one.threshold, prices=plan.prices) for name, one in trained.items()
    ]
    decision = decide(incumbent, contenders, terms)
    if decision.promoted is None:
        return ChallengeResult(decision, rows=len(table))
    best = trained[decision.promoted]
    made = card(best, table, split, history=history.name, now=now)
    return ChallengeResult(decision, len(table), best, made)


def contender(
    name: str, block: Table, probability: Floats, threshold: float, *, prices: Prices | None = None
) -> Contender:
    """The measures of a model's alarms on a block; their cost only if it counts every failure of the block."""
    rule = failure_rule(threshold)
    alarms = measure_alarms(block, probability, rule)
    if prices is None or known_failures(block, prices) < alarms.events:
        return Contender(name, alarms)
    return Contender(name, alarms, monthly_cost(block, probability, rule, prices))


def _trained(
    table: Table, split: Split, plan: ChallengePlan, terms: GateTerms, begin: Begin
) -> tuple[dict[str, Trained], Sequence[GateReason]]:
    trained: dict[str, Trained] = {}
    reasons: list[GateReason] = []
    for recipe in plan.recipes():
        name = kind_name(recipe.kind)
        tick = begin(f"training, {name}")
        try:
            trained[name] = learn(table, split, budget=terms.false_alarms, recipe=recipe, prices=plan.prices)
        except TooFewExamples as error:
            reasons.append(GateReason("too_few_examples", name, str(error)))
        tick(1.0)
    return trained, reasons


def _unseen(table: Table, champion: Champion | None, history: History) -> Mask:
    """Rows later than the training data of a champion of the same plant."""
    was_trained_on = champion is not None and champion.card.trained_on.name == history.name
    seen_until = champion.card.seen_until if champion is not None and was_trained_on else None
    if not isinstance(seen_until, datetime):
        return np.ones(len(table), dtype=np.bool_)
    return np.asarray(table.at_ms > seen_until.astimezone(UTC).timestamp() * 1000)


def _beside(block: Table, seen: Table, champion: Champion) -> tuple[Table, Floats]:
    """The rows of the block that the champion can score too, and its probability for each of them.

    Both tables have rows of the same machines and times, computed with the features of different models; rows are
    matched by key.
    """
    wanted, present = _keys(block), _keys(seen)
    if len(present) == 0:
        return block.where(np.zeros(len(wanted), dtype=np.bool_)), np.zeros(0)
    order = np.argsort(present)
    place = np.minimum(np.searchsorted(present[order], wanted), len(present) - 1)
    row = order[place]  # [block], the row of `seen` whose key is the next at or after the wanted one
    both = present[row] == wanted
    features = seen.features[row[both]][:, columns(seen.spec.names, champion.model.features)]
    return block.where(both), champion.model.probabilities(features) if both.any() else np.zeros(0)


def _keys(table: Table) -> Integers:
    """[N], one integer for each row: the machine above 44 bits of milliseconds since 1970, which last until 2527."""
    keys: Integers = table.device << 44 | table.at_ms
    return keys


def _predict(one: Trained, block: Table) -> Floats:
    features = block.features[:, columns(block.spec.names, one.model.features)]
    return one.model.probabilities(features) if len(block) else np.zeros(0)
