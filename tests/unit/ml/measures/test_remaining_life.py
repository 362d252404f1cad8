"""Coverage of intervals of remaining life."""

from dataclasses import replace

import numpy as np

from ml.datasets.table import Table
from ml.datasets.time_left import time_left
from ml.measures.remaining_life import PredictedLives, measure_lives

REACH = 72.0


def predicted(table: Table, low: float, high: float) -> PredictedLives:
    return PredictedLives(table, np.full(len(table), low), np.full(len(table), high), REACH)


def test_coverage_is_the_share_that_came_true(table: Table) -> None:
    """Only of rows whose record goes on for the whole reach."""
    left = time_left(table)
    hours = left.hours[left.observed(REACH)]
    measured = measure_lives([predicted(table, 10.0, 50.0)])
    assert measured is not None
    assert measured.closed == len(hours) < len(table)
    assert measured.closed_coverage == np.mean((hours >= 10) & (hours <= 50))
    assert (measured.width_hours, measured.open, measured.beyond) == (40.0, 0, 0)
    assert np.isnan(measured.open_coverage)


def test_intervals_without_an_end_are_counted_apart(table: Table) -> None:
    left = time_left(table)
    hours = left.hours[left.observed(REACH)]
    measured = measure_lives([predicted(table, 30.0, np.inf), predicted(table, REACH, np.inf)])
    assert measured is not None
    assert (measured.open, measured.beyond, measured.closed, measured.failures) == (len(hours), len(hours), 0, 0)
    assert measured.open_coverage == np.mean(hours >= 30)
    assert measured.beyond_coverage == np.mean(hours >= REACH)


def test_a_record_that_is_too_short_tells_nothing(table: Table) -> None:
    assert measure_lives([replace(predicted(table, 1.0, 2.0), reach_hours=1e6)]) is None
    assert measure_lives([]) is None
