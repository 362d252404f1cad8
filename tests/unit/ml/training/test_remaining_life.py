"""Remaining life is learned from rows that the model did not see, where enough failed."""

import numpy as np
import pytest

from ml.arrays import Floats
from ml.datasets.table import Table
from ml.datasets.time_left import time_left
from ml.models.estimators import Recipe
from ml.models.life import FAILURES_PER_BIN, LEAST_FAILURES
from ml.training.remaining_life import UnseenRows, life_of


def end(table: Table) -> int:
    return int(table.at_ms.max()) + table.horizon_ms


def foreseen(table: Table) -> Floats:
    """As a good model would say."""
    return np.where(table.label == 1, 0.9, 0.05)


@pytest.mark.slow
def test_machines_about_to_fail_have_an_end_and_others_do_not(table: Table) -> None:
    life = life_of(UnseenRows(table, table.features, foreseen(table)), until_ms=end(table), recipe=Recipe())
    assert life is not None
    low, high = life.interval(life.quantiles(table.features, foreseen(table)))
    near = table.label == 1
    hours = time_left(table).hours
    assert (high[near] <= 30.0).all()
    assert high[~near].min() > high[near].max()
    assert 0.7 <= np.mean((hours >= low)[near] & (hours <= high)[near]) <= 0.95


def test_few_failures_carry_nothing(table: Table) -> None:
    """Unknown is better than a number out of nothing."""
    first = np.sort(table.events[:, 1])[LEAST_FAILURES - 2]
    judged = UnseenRows(table, table.features, foreseen(table))
    assert life_of(judged, until_ms=int(first), recipe=Recipe()) is None


@pytest.mark.slow
def test_a_forest_is_kept_only_where_it_has_something_to_say(table: Table) -> None:
    """Where few failures were likely, the probability alone tells."""
    failures = np.unique(table.event[table.label == 1])
    likely = (table.label == 1) & np.isin(table.event, failures[: FAILURES_PER_BIN - 1])
    probability = np.where(likely, 0.9, np.where(table.label == 1, 0.4, 0.05))
    for said, kept in ((foreseen(table), True), (probability, False)):
        life = life_of(UnseenRows(table, table.features, said), until_ms=end(table), recipe=Recipe())
        assert life is not None
        assert (life.when is not None, life.by_time is not None) == (kept, kept)
