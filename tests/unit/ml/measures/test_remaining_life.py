"""Coverage of intervals of remaining life."""

from dataclasses import replace

import numpy as np
import pytest

from ml.datasets.table import Table
from ml.datasets.time_left import time_left
from ml.measures.remaining_life import PredictedLives, measure_lives

REACH = 72.0


def predicted(table: Table, low: float, high: float) -> PredictedLives:
    return PredictedLives(table, np.full(len(table), low), np.full(len(table), high), REACH, np.full(len(table), low))


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


def test_errors_count_lives_up_to_the_same_cut(table: Table) -> None:
    """What is predicted and what came true: beyond the cut, neither can be wrong."""
    left = time_left(table)
    is_known = left.observed(40.0)
    exact = replace(predicted(table, 1.0, 2.0), middle=left.up_to(REACH))
    measured = measure_lives([exact], cut_hours=40.0)
    assert measured is not None
    assert measured.error is not None
    assert (measured.error.hours, measured.error.rows, measured.error.cut_hours) == (0.0, is_known.sum(), 40.0)
    late = measure_lives([replace(exact, middle=exact.middle + 3.0)], cut_hours=40.0)
    assert late is not None
    assert late.error is not None
    wrong = np.minimum(left.hours[is_known] + 3.0, 40.0) - np.minimum(left.hours[is_known], 40.0)
    assert late.error.hours == pytest.approx(np.sqrt(np.mean(wrong**2)))
    further = measure_lives([exact], cut_hours=1e6)
    assert further is not None
    assert further.error is not None
    assert further.error.cut_hours == REACH  # more is not predicted


def test_the_last_row_of_each_machine_is_measured_apart(table: Table) -> None:
    """As published errors are: of tests that were cut off, with failures on record that came long afterwards."""
    half = int(np.median(table.at_ms))
    cut_off = table.where(table.at_ms <= half)
    left = time_left(cut_off)
    ahead = np.isfinite(left.hours)
    failed = np.unique(cut_off.device[ahead & (cut_off.at_ms > half - 3_600_000)])
    part = replace(predicted(cut_off, 1.0, 2.0), middle=left.up_to(REACH))
    last = np.array(
        [np.flatnonzero(cut_off.device == d)[np.argmax(cut_off.at_ms[cut_off.device == d])] for d in failed]
    )
    part.middle[last] += 5.0
    near = measure_lives([part])
    assert near is not None
    assert near.error is not None
    assert near.error.last_rows >= len(failed) > 0
    assert 0.0 < near.error.last_hours <= 5.0
