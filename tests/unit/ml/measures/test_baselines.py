from dataclasses import replace

import numpy as np
import pytest

from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.measures.baselines import BASELINES, prevalence, threshold_rule


@pytest.mark.parametrize("name", BASELINES)
def test_each_says_something_between_0_and_1_of_every_row(table: Table, name: str) -> None:
    split = by_time(table)
    test = table.where(split.test)
    probability = BASELINES[name](table.where(split.fit), test)
    assert probability.shape == (len(test),)
    assert ((probability >= 0) & (probability <= 1)).all()


def test_prevalence_is_the_share_of_rows_before_a_failure(table: Table) -> None:
    """Of regular rows; those that are for training alone are denser than time."""
    expected = table.label[~table.training_only].mean()
    assert set(prevalence(table, table).tolist()) == {expected}


def test_the_rule_fears_what_is_far_from_usual_for_the_type(table: Table) -> None:
    features = table.features.copy()
    column = table.spec.names.index("temperature")
    features[:, column] += 1000.0
    assert (threshold_rule(table, replace(table, features=features)) > 0.9).all()
    assert np.median(threshold_rule(table, table)) < 0.7


@pytest.mark.parametrize("name", ["prevalence", "clock only", "age only"])
def test_the_dummies_do_not_look_at_signals(table: Table, name: str) -> None:
    """With every signal wiped out they say the same."""
    features = table.features.copy()
    age = table.spec.names.index("age_years")
    features[:, np.arange(features.shape[1]) != age] = np.nan
    blind = replace(table, features=features)
    assert BASELINES[name](blind, blind).tolist() == BASELINES[name](table, table).tolist()
