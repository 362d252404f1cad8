"""What is learned from, and what is tested on."""

import numpy as np
import pytest

from ml.datasets.splits import Split, by_machine, by_time, by_time_with_failures, check
from ml.datasets.table import Table
from ml.errors import LeakySplit


def test_blocks_of_time_have_a_gap_of_the_horizon(table: Table) -> None:
    """No label of an earlier block looks into a later one."""
    split = by_time(table)
    for earlier, later in ((split.fit, split.validate), (split.validate, split.test)):
        assert table.at_ms[earlier].max() + table.horizon_ms <= table.at_ms[later].min()


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_folds_of_machines_share_none(table: Table, folds: int) -> None:
    """Each machine is tested once, by a model that never saw it."""
    splits = by_machine(table, folds=folds, seed=0)
    tested = np.concatenate([np.unique(table.device[split.test]) for split in splits])
    assert sorted(tested.tolist()) == list(range(10))
    for split in splits:
        parts = [set(table.device[rows].tolist()) for rows in (split.fit, split.validate, split.test)]
        assert parts[0] | parts[1] | parts[2] == set(range(10))
        assert sum(map(len, parts)) == 10


def test_a_quiet_quarter_does_not_keep_a_plant_from_its_first_model(table: Table) -> None:
    """Where the newest quarter holds no failure, more of the past is what a model is measured on."""
    start, end = int(table.at_ms.min()), int(table.at_ms.max())
    calm = table.where((table.label == 0) | (table.at_ms < start + 0.6 * (end - start)))
    split = by_time_with_failures(calm, least=1)
    assert calm.label[split.test].any()
    assert split.test.sum() > by_time(calm).test.sum()


def test_a_split_that_leaks_is_refused(table: Table) -> None:
    """Rows at random, machines that are on both sides at the same time, and a gap that is too short."""
    rng = np.random.default_rng(0)
    good = by_time_with_failures(table)
    for split in (good, by_time(table), *by_machine(table, folds=3, seed=0)):
        check(table, split)
    test = (rng.random(len(table)) < 0.3) & ~table.training_only
    with pytest.raises(LeakySplit, match="cnc-0000"):
        check(table, Split("random", fit=~test, validate=np.zeros_like(test), test=test, past=~test))
    late = table.at_ms >= table.at_ms[good.test].min() - table.horizon_ms // 2
    with pytest.raises(LeakySplit):
        check(table, Split("no gap", fit=~late, validate=np.zeros_like(test), test=good.test, past=~late))


def test_the_test_block_is_as_long_as_it_must_be(table: Table) -> None:
    """For its failures; and never longer than half of the time."""
    few, many, more = (by_time_with_failures(table, least=least) for least in (1, 20, 1000))
    assert few.test.sum() < many.test.sum() <= more.test.sum() < len(table) / 2
    assert len(np.unique(table.event[many.test & (table.event >= 0)])) >= 20
