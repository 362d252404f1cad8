"""How long machines still ran, as far as a record tells."""

from dataclasses import replace

import numpy as np

from ml.datasets.table import Table
from ml.datasets.time_left import time_left


def test_hours_until_the_next_failure_of_the_same_machine(table: Table) -> None:
    """By the failures themselves, one row after the other."""
    left = time_left(table)
    for row in range(0, len(table), 97):
        own = table.events[(table.events[:, 0] == table.device[row]) & (table.events[:, 1] > table.at_ms[row]), 1]
        expected = (own.min() - table.at_ms[row]) / 3.6e6 if len(own) else np.inf
        assert left.hours[row] == expected
    assert (np.isinf(left.hours) == (left.event < 0)).all()


def test_nothing_is_known_after_the_end(table: Table) -> None:
    """A test's failures are hidden from what is learned, and rows tell how long they were followed."""
    until = int(np.median(table.at_ms))
    left = time_left(table, until_ms=until)
    seen = np.unique(left.event[left.event >= 0])
    assert (table.events[seen, 1] <= until).all()
    assert (left.observed(24.0) == (table.at_ms <= until - 24 * 3_600_000)).all()


def test_a_record_that_ends_before_others_tells_nothing_of_the_time_after(table: Table) -> None:
    """A machine that left, or a recording of another year in the same table: no failure follows, but nobody looked."""
    half = int(np.median(table.at_ms))
    gone = int(table.device[np.isinf(time_left(table, until_ms=half).hours) & (table.at_ms < half)][0])
    left_early = table.where((table.device != gone) | (table.at_ms <= half))
    left_early = replace(left_early, events=table.events[(table.events[:, 0] != gone) | (table.events[:, 1] <= half)])
    reach = 7 * table.horizon_ms / 3.6e6
    own = left_early.device == gone
    last = left_early.at_ms[own].max()
    known = time_left(left_early).observed(reach)
    assert (known[own] == (left_early.at_ms[own] <= last + table.horizon_ms - 7 * table.horizon_ms)).all()
    assert known[~own].any()


def test_longer_lives_count_as_the_reach(table: Table) -> None:
    assert time_left(table).up_to(30.0).max() == 30.0


def test_a_failure_long_after_the_last_reading_is_known(table: Table) -> None:
    """Of a test that was cut off: its record ends with that failure, not a horizon after the reading."""
    device, at_ms = int(table.device[-1]), int(table.at_ms.max())
    later = np.array([[device, at_ms + 10 * table.horizon_ms, at_ms + 10 * table.horizon_ms]])
    cut_off = replace(table, events=np.concatenate([table.events[table.events[:, 1] <= at_ms], later]))
    left = time_left(cut_off)
    last = int(np.flatnonzero(table.device == device)[-1])
    assert left.hours[last] == (at_ms + 10 * table.horizon_ms - table.at_ms[last]) / 3.6e6
    assert left.observed(9 * table.horizon_ms / 3.6e6)[last]


def test_nothing_is_left_to_follow_where_every_machine_ran_until_it_failed(table: Table) -> None:
    """All rows count then, those shortly before the last failure as well; not for what is learned until some time."""
    left = time_left(table)
    before_a_failure = table.where(left.event >= 0)
    assert time_left(before_a_failure).observed(1e6).all()
    assert not time_left(table).observed(1e6).any()
    assert not time_left(before_a_failure, until_ms=int(table.events[:, 1].max())).observed(1e6).any()
