"""Which members vote, and which kind of model it is, is measured on machines and kinds of failure left out."""

from dataclasses import replace

import numpy as np
import pytest

from ml.datasets.table import Table
from ml.models.estimators import KINDS, MEMBERS, Kind, Member, ModelSize, Recipe, varying
from ml.models.normal import watched
from ml.training import choice
from ml.training.choice import CANDIDATES, MARGIN, CandidateTrial, Scores, TrialOutcome, choose, thinned, tried_out

NOBODY: Scores = {member: np.zeros(0) for member in CANDIDATES[-1]}
SMALL = Recipe(size=ModelSize(trees=8, depth=6))


def test_everything_is_measured_on_machines_left_out(table: Table) -> None:
    """Each candidate once with all kinds known and once without the failure's own."""
    recipe, tried = choose(table, SMALL, used=varying(table.features))
    assert [one.members for one in tried] == list(CANDIDATES)
    assert recipe.members in CANDIDATES
    assert all(0.0 < one.known_kinds <= 1.0 for one in tried)
    assert all(one.new_kinds is not None for one in tried)
    assert recipe.size == SMALL.size


def test_what_is_normal_votes_where_only_it_notices(table: Table) -> None:
    """With one kind on record and that one taken out, a forest knows nothing; deviations that precede failures do."""
    features = table.features.copy()
    shifts = watched(table.spec.names)
    features[:, shifts] = np.where(table.label[:, None] == 1, 30.0, 0.1)
    recipe, _ = choose(replace(table, features=features), SMALL, used=varying(features))
    assert "normal" in recipe.members


def test_the_usual_members_stay_where_nothing_can_be_compared(table: Table) -> None:
    """Too few failures; another kind of model; failures of a single machine."""
    used = varying(table.features)
    calm = table.where(table.label == 0)
    assert choose(calm, SMALL, used=used) == (SMALL, ())
    boosting = replace(SMALL, kind="gradient_boosting")
    assert choose(table, boosting, used=used) == (boosting, ())
    one = table.where((table.label == 0) | (table.device == table.device[table.label == 1][0]))
    assert tried_out(one, SMALL, used=used) == ()
    assert choose(one, SMALL, used=used)[0].members == MEMBERS


def test_kinds_are_compared_with_the_members_that_were_chosen(table: Table) -> None:
    """By the same trials; a recipe without rivals keeps its kind."""
    used = varying(table.features)
    recipe, tried = choose(table, replace(SMALL, rivals=KINDS), used=used)
    forests, others = tried[: len(CANDIDATES)], tried[len(CANDIDATES) :]
    assert {one.kind for one in forests} == {"random_forest"}
    assert [one.kind for one in others] == ["gradient_boosting"]
    assert {one.members for one in others} == {recipe.members}
    assert choose(table, SMALL, used=used)[1] == forests


@pytest.mark.parametrize("best", KINDS)
@pytest.mark.parametrize(("more", "is_clear"), [(2 * MARGIN, True), (MARGIN / 2, False)])
def test_the_kind_that_is_clearly_worth_most_is_chosen(
    table: Table, monkeypatch: pytest.MonkeyPatch, best: Kind, more: float, is_clear: bool
) -> None:
    """The first stays where another is better by chance only."""

    def worth(_: object, kind: Kind, members: tuple[Member, ...]) -> CandidateTrial:
        return CandidateTrial(kind, members, 0.7 + more * (kind == best), None)

    monkeypatch.setattr(choice, "tried_out", lambda *_, **__: [TrialOutcome(table.label, NOBODY, known=True)])
    monkeypatch.setattr(choice, "_worth", worth)
    recipe, _ = choose(table, replace(SMALL, rivals=KINDS), used=varying(table.features))
    assert recipe.kind == (best if is_clear else "random_forest")


def test_rows_before_failures_are_thinned_last(table: Table) -> None:
    """At least as many of them as of their share, in the order of the table."""
    few = thinned(table, 200)
    assert len(few) <= 210
    assert few.label.mean() > table.label.mean()
    assert (np.diff(few.at_ms) >= 0).all()
