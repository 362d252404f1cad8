from dataclasses import replace

import msgspec
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


def test_warnings_are_counted_whether_a_repair_dealt_with_them_or_not(table: Table) -> None:
    """Two rules: all of the last day, or those that came after the repair; the second never counts more."""
    count = table.features[:, table.spec.names.index("codes_since_repair_24h")]
    since = BASELINES["warnings since repair"](table, table)
    np.testing.assert_allclose(since, count / (1 + count), rtol=1e-6)
    assert (since <= BASELINES["warnings"](table, table)).all()
    assert (since < BASELINES["warnings"](table, table)).any()


def test_without_such_a_feature_no_warning_is_counted(table: Table) -> None:
    spec = msgspec.structs.replace(table.spec, repair_hours=())
    assert BASELINES["warnings since repair"](replace(table, spec=spec), table).tolist() == [0.0] * len(table)


@pytest.mark.parametrize("name", ["prevalence", "clock only", "age only"])
def test_the_dummies_do_not_look_at_signals(table: Table, name: str) -> None:
    """With every signal wiped out they say the same."""
    features = table.features.copy()
    age = table.spec.names.index("age_years")
    features[:, np.arange(features.shape[1]) != age] = np.nan
    blind = replace(table, features=features)
    assert BASELINES[name](blind, blind).tolist() == BASELINES[name](table, table).tolist()
