"""Chooses the members of a forest, and the kind of a plant's first model, by how well they predict.

Both are measured on machines and kinds of failure left out of training. If failures repeat, specialists alone are best;
if a kind is new, the detector of unusual states notices it. It is not known which of these a plant will need, so every
machine is scored by models of other machines twice: once with all kinds of failure in training, and once without the
failure's own kind. A small table and small models are enough for this comparison, and no model is trained twice.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from msgspec import Struct
from sklearn.metrics import average_precision_score

from ml.arrays import Floats, Integers, Mask
from ml.datasets.splits import folds_of
from ml.datasets.table import Table
from ml.models.estimators import MEMBERS, Kind, Member, Recipe
from ml.models.normal import watched

CANDIDATES: Final[tuple[tuple[Member, ...], ...]] = (
    MEMBERS,
    ("specialists",),
    ("specialists", "normal"),
    ("specialists", "generalists", "normal"),
)
"""Possible members of a forest; the first are kept unless others are clearly better."""
ROWS: Final = 12_000
"""Approximate number of rows for the comparison; rows before failures have priority."""
TREES: Final = 40
FOLDS: Final = 2
LEAST_FAILURES: Final = 4
"""With fewer failures, the comparison would be left to chance."""
MARGIN: Final = 0.01
Voter = Literal["specialists", "generalists", "normal", "boosting"]
Scores = Mapping[Voter, Floats]
"""Scores [rows] of each voter."""


class CandidateTrial(Struct, frozen=True):
    """The PR-AUC of a kind of model, with certain members, on machines left out of training."""

    kind: Kind
    members: tuple[Member, ...]
    """Members of its forest."""
    known_kinds: float
    """With all kinds of failure in training."""
    new_kinds: float | None
    """Without each failure's own kind in training; None if no kind is recorded."""

    @property
    def worth(self) -> float:
        """The mean of both."""
        return self.known_kinds if self.new_kinds is None else (self.known_kinds + self.new_kinds) / 2


@dataclass(frozen=True, eq=False)
class _Trial:
    """Training and test rows of one fold, and whether the kinds of failure in the test are in training."""

    learn: Table
    test: Table
    known: bool


@dataclass(frozen=True, eq=False)
class TrialOutcome:
    """The labels of a trial's test rows, and each voter's scores of them."""

    label: Integers
    scores: Scores
    known: bool


def choose(table: Table, recipe: Recipe, *, used: Mask) -> tuple[Recipe, tuple[CandidateTrial, ...]]:
    """The recipe with the best members, and then with the best kind; and all results.

    `table` has training rows only; `used` [features] marks the columns that vary. The recipe is returned unchanged if
    it leaves no choice, or if there are too few failures for a comparison.
    """
    failures = len(np.unique(table.event[table.event >= 0]))
    if _kinds(recipe) == ("gradient_boosting",) or failures < LEAST_FAILURES:
        return recipe, ()
    small = replace(recipe, size=replace(recipe.size, trees=TREES))
    outcomes = tried_out(thinned(table, ROWS), small, used=used)
    if not any(outcome.known for outcome in outcomes):
        return recipe, ()
    common = set.intersection(*(set(outcome.scores) for outcome in outcomes))
    forests = [_worth(outcomes, "random_forest", members) for members in CANDIDATES if common.issuperset(members)]
    members = _clearly_best(forests).members
    kinds = [_worth(outcomes, kind, members) for kind in _kinds(recipe)]
    others = [one for one in kinds if one.kind != "random_forest"]
    return replace(recipe, kind=_clearly_best(kinds).kind, members=members), (*forests, *others)


def tried_out(table: Table, recipe: Recipe, *, used: Mask) -> tuple[TrialOutcome, ...]:
    """The scores of all voters on a table; empty if no machine that failed can be left out."""
    return tuple(
        TrialOutcome(trial.test.label, _scores(trial, recipe, used), trial.known)
        for trial in _trials(table, recipe.seed)
    )


def thinned(table: Table, rows: int) -> Table:
    """About `rows` rows of a table, evenly spaced: at most half of them before failures."""
    places: list[Integers] = []
    for label in (1, 0):
        of_label = np.flatnonzero(table.label == label)
        room = rows // 2 if label else rows - sum(map(len, places))
        places.append(of_label[:: max(1, -(-len(of_label) // room))])
    return table.where(np.sort(np.concatenate(places)))


def _kinds(recipe: Recipe) -> tuple[Kind, ...]:
    """The kinds to choose from, the recipe's own first."""
    return tuple(dict.fromkeys((recipe.kind, *recipe.rivals)))


def _clearly_best(tried: Sequence[CandidateTrial]) -> CandidateTrial:
    """The best one, if it is better than the first by more than MARGIN; otherwise the first."""
    best = max(tried, key=lambda one: one.worth)
    return best if best.worth > tried[0].worth + MARGIN else tried[0]


def _trials(table: Table, seed: int) -> Iterator[_Trial]:
    """Test each half of the machines by the other half; with all kinds of failure, then without each half of them."""
    fold = folds_of(table, folds=FOLDS, seed=seed)
    happened = Counter(table.kinds[event] for event in np.unique(table.event[table.event >= 0]).tolist())
    kinds = sorted(happened, key=lambda kind: (-happened[kind], kind))
    for k in range(FOLDS):
        learn, test = table.where(fold != k), table.where((fold == k) & ~table.training_only)
        if {*learn.label.tolist()} != {0, 1} or {*test.label.tolist()} != {0, 1}:
            continue
        yield _Trial(learn, test, known=True)
        for half in (kinds[::2], kinds[1::2]):
            unseen = test.where(test.of_kind(half) | (test.label == 0))
            if unseen.label.any():
                yield _Trial(learn.where(~learn.of_kind(half)), unseen, known=False)


def _scores(trial: _Trial, recipe: Recipe, used: Mask) -> Scores:
    """Each voter's scores of the test rows; members that cannot be trained on these features are missing.

    If no failure is left in training, the score of forests and of boosting is 0 for every row.
    """
    spec = trial.learn.spec
    names = np.array(spec.names)[used].tolist()
    general = np.array([name in spec.general for name in names], dtype=np.bool_)
    every: Sequence[Member] = ("specialists", "generalists", "normal")
    every_member = replace(recipe, members=tuple(every))
    learn, test = trial.learn.features[:, used], trial.test.features[:, used]
    scores: dict[Voter, Floats] = {}
    both = {*trial.learn.label.tolist()} == {0, 1}
    for name in every_member.voting(general, watched(names)):
        if name != "normal" and not both:
            scores[name] = np.zeros(len(test))
            continue
        voter, columns = every_member.member(name, learn, trial.learn.label, general, watched(names))
        scores[name] = voter.predict_proba(test[:, columns])[:, 1]
    if _kinds(recipe) != ("random_forest",):
        boosting = replace(recipe, kind="gradient_boosting")
        scores["boosting"] = (
            boosting.fit(learn, trial.learn.label, general=general).predict_proba(test)[:, 1]
            if both
            else np.zeros(len(test))
        )
    return scores


def _worth(outcomes: Sequence[TrialOutcome], kind: Kind, members: tuple[Member, ...]) -> CandidateTrial:
    """The mean PR-AUC over the trials, each weighted by its rows before failures."""

    def mean(known: bool) -> float:
        """The mean over trials of known kinds, or of new ones."""
        some = [outcome for outcome in outcomes if outcome.known is known]
        worth = [average_precision_score(one.label, _score(one.scores, kind, members)) for one in some]
        return float(np.average(worth, weights=[int(one.label.sum()) for one in some]))

    is_any_new = any(not outcome.known for outcome in outcomes)
    return CandidateTrial(kind, members, mean(known=True), mean(known=False) if is_any_new else None)


def _score(scores: Scores, kind: Kind, members: Sequence[Member]) -> Floats:
    """[rows], a candidate's scores."""
    if kind == "gradient_boosting":
        return scores["boosting"]
    voted: Floats = np.mean([scores[member] for member in members], axis=0)
    return voted
