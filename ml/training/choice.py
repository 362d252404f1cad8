"""Which members a forest's score should have: chosen by what they are worth on machines, and kinds, left out.

Where failures repeat, specialists alone do best; where a kind is new, those that know what is normal notice it. Which
of these a plant will need is not known beforehand, so both are measured: every machine is scored by members trained on
other machines, once with all kinds of failure known, and once with the failure's own kind taken out of training. A
small table and small forests are enough to tell them apart, and no forest is trained twice.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from msgspec import Struct
from sklearn.metrics import average_precision_score

from ml.arrays import Floats, Integers, Mask
from ml.datasets.splits import folds_of
from ml.datasets.table import Table
from ml.models.estimators import MEMBERS, Member, Recipe
from ml.models.normal import watched

CANDIDATES: Final[tuple[tuple[Member, ...], ...]] = (
    MEMBERS,
    ("specialists",),
    ("specialists", "normal"),
    ("specialists", "generalists", "normal"),
)
"""The first is kept unless another is clearly better."""
ROWS: Final = 12_000
"""About this many rows are enough for a comparison; those before failures come first."""
TREES: Final = 40
FOLDS: Final = 2
LEAST_FAILURES: Final = 4
"""With fewer than this, the comparison would be chance."""
MARGIN: Final = 0.01


class MemberTrial(Struct, frozen=True):
    """What some members are worth, as PR-AUC on machines left out."""

    members: tuple[Member, ...]
    known_kinds: float
    new_kinds: float | None
    """The same with each failure's own kind taken out of training; None if no kind is recorded."""

    @property
    def worth(self) -> float:
        """Both count the same."""
        return self.known_kinds if self.new_kinds is None else (self.known_kinds + self.new_kinds) / 2


@dataclass(frozen=True, eq=False)
class _Trial:
    """Rows of one fold, the rows that teach for them, and whether their kinds are known from these."""

    learn: Table
    test: Table
    known: bool


def choose(table: Table, recipe: Recipe, *, used: Mask) -> tuple[Recipe, tuple[MemberTrial, ...]]:
    """The recipe with the members that are worth most, and what was tried.

    `table` holds rows for training only; `used` [features] are the columns that vary. A recipe without members to
    choose, and a table with too few failures for a comparison, leave everything as it is.
    """
    if recipe.kind != "random_forest" or len(np.unique(table.event[table.event >= 0])) < LEAST_FAILURES:
        return recipe, ()
    tried = compare(thinned(table, ROWS), replace(recipe, size=replace(recipe.size, trees=TREES)), used=used)
    if not tried:
        return recipe, ()
    best = max(tried, key=lambda one: one.worth)
    chosen = best if best.worth > tried[0].worth + MARGIN else tried[0]
    return replace(recipe, members=chosen.members), tried


def compare(table: Table, recipe: Recipe, *, used: Mask) -> tuple[MemberTrial, ...]:
    """What each candidate is worth on a table; none if no machine that failed can be left out."""
    scores_by_kind: dict[bool, list[tuple[Table, Mapping[Member, Floats]]]] = {True: [], False: []}
    for trial in _trials(table, recipe.seed):
        scores_by_kind[trial.known].append((trial.test, _scores(trial, recipe, used)))
    if not scores_by_kind[True]:
        return ()
    common = set.intersection(*(set(scores) for parts in scores_by_kind.values() for _, scores in parts))
    return tuple(
        MemberTrial(
            members,
            _worth(scores_by_kind[True], members),
            _worth(scores_by_kind[False], members) if scores_by_kind[False] else None,
        )
        for members in CANDIDATES
        if common.issuperset(members)
    )


def thinned(table: Table, rows: int) -> Table:
    """About this many of a table's rows: up to half of them before failures, the others at even distances."""
    places: list[Integers] = []
    for label in (1, 0):
        of_label = np.flatnonzero(table.label == label)
        room = rows // 2 if label else rows - sum(map(len, places))
        places.append(of_label[:: max(1, -(-len(of_label) // room))])
    return table.where(np.sort(np.concatenate(places)))


def _trials(table: Table, seed: int) -> Iterator[_Trial]:
    """Each half of the machines with the other half; then the same without each half of the kinds."""
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


def _scores(trial: _Trial, recipe: Recipe, used: Mask) -> dict[Member, Floats]:
    """Each member's scores of the test rows; members that these features do not allow are missing.

    If only one kind is recorded, nothing is left to learn failures from: a forest's score is then the same everywhere.
    """
    spec = trial.learn.spec
    names = np.array(spec.names)[used].tolist()
    general = np.array([name in spec.general for name in names], dtype=np.bool_)
    every: Sequence[Member] = ("specialists", "generalists", "normal")
    every_member = replace(recipe, members=tuple(every))
    learn, test = trial.learn.features[:, used], trial.test.features[:, used]
    scores: dict[Member, Floats] = {}
    both = {*trial.learn.label.tolist()} == {0, 1}
    for name in every_member.voting(general, watched(names)):
        if name != "normal" and not both:
            scores[name] = np.zeros(len(test))
            continue
        voter, columns = every_member.member(name, learn, trial.learn.label, general, watched(names))
        scores[name] = voter.predict_proba(test[:, columns])[:, 1]
    return scores


def _worth(parts: Sequence[tuple[Table, Mapping[Member, Floats]]], members: Sequence[Member]) -> float:
    """The mean over the trials, each counted by its failures' rows."""
    worth = [
        average_precision_score(test.label, np.mean([scores[member] for member in members], axis=0))
        for test, scores in parts
    ]
    return float(np.average(worth, weights=[int(test.label.sum()) for test, _ in parts]))
