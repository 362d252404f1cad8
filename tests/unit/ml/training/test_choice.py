"""Which members vote, and how fine leaves are, is measured on machines and kinds of failure left out."""

from dataclasses import replace

import numpy as np

from ml.datasets.table import Table
from ml.models.estimators import MEMBERS, ModelSize, Recipe, varying
from ml.models.normal import watched
from ml.training.choice import BROAD_LEAF, CANDIDATES, choose, compare, thinned

SMALL = Recipe(size=ModelSize(trees=8, depth=6))


def test_everything_is_measured_on_machines_left_out(table: Table) -> None:
    """Each candidate once with all kinds known and once without the failure's own."""
    recipe, tried = choose(table, SMALL, used=varying(table.features))
    leaves = (SMALL.size.leaf, BROAD_LEAF)
    assert [(one.members, one.leaf) for one in tried] == [(each, leaf) for leaf in leaves for each in CANDIDATES]
    assert (recipe.members, recipe.size.leaf) in {(one.members, one.leaf) for one in tried}
    assert all(0.0 < one.known_kinds <= 1.0 for one in tried)
    assert all(one.new_kinds is not None for one in tried)
    assert replace(recipe.size, leaf=SMALL.size.leaf) == SMALL.size


def test_what_is_normal_votes_where_only_it_notices(table: Table) -> None:
    """With one kind on record and that one taken out, a forest knows nothing; deviations that precede failures do."""
    features = table.features.copy()
    shifts = watched(table.spec.names)
    features[:, shifts] = np.where(table.label[:, None] == 1, 30.0, 0.1)
    recipe, _ = choose(replace(table, features=features), SMALL, used=varying(features))
    assert "normal" in recipe.members


def test_leaves_are_broad_where_fine_ones_learn_single_failures_by_heart(table: Table) -> None:
    """One column says a little about every failure; deep trees with leaves of five rows learn its noise as well."""
    rng = np.random.default_rng(0)
    features = np.zeros_like(table.features)
    features[:, 0] = rng.normal(0.0, 1.0, len(table)) + table.label
    deep = replace(SMALL, size=ModelSize(trees=8, depth=20))
    recipe, tried = choose(replace(table, features=features), deep, used=varying(features))
    assert recipe.size == replace(deep.size, leaf=BROAD_LEAF)
    worth = {leaf: max(one.worth for one in tried if one.leaf == leaf) for leaf in (SMALL.size.leaf, BROAD_LEAF)}
    assert worth[BROAD_LEAF] > worth[SMALL.size.leaf]


def test_leaves_that_are_broad_already_stay(table: Table) -> None:
    broad = replace(SMALL, size=replace(SMALL.size, leaf=50))
    recipe, tried = choose(table, broad, used=varying(table.features))
    assert recipe.size.leaf == 50
    assert {one.leaf for one in tried} == {50}


def test_the_usual_members_stay_where_nothing_can_be_compared(table: Table) -> None:
    """Too few failures; another kind of model; failures of a single machine."""
    used = varying(table.features)
    calm = table.where(table.label == 0)
    assert choose(calm, SMALL, used=used) == (SMALL, ())
    boosting = replace(SMALL, kind="gradient_boosting")
    assert choose(table, boosting, used=used) == (boosting, ())
    one = table.where((table.label == 0) | (table.device == table.device[table.label == 1][0]))
    assert compare(one, SMALL, used=used) == ()
    assert choose(one, SMALL, used=used)[0].members == MEMBERS


def test_rows_before_failures_are_thinned_last(table: Table) -> None:
    """At least as many of them as of their share, in the order of the table."""
    few = thinned(table, 200)
    assert len(few) <= 210
    assert few.label.mean() > table.label.mean()
    assert (np.diff(few.at_ms) >= 0).all()
