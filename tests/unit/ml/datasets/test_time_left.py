"""How long machines still ran, as far as a record tells."""

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
    assert (left.known(24.0) == (table.at_ms <= until - 24 * 3_600_000)).all()


def test_longer_lives_count_as_the_reach(table: Table) -> None:
    assert time_left(table).up_to(30.0).max() == 30.0
