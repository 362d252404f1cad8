"""What probabilities and alarms are worth."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from energytrack.recording import Recording
from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from ml.measures.alarms import failure_rule
from ml.measures.quality import (
    LEAST_THRESHOLD,
    calibration_error,
    choose_threshold,
    measure_alarms,
    pool_alarms,
)
from testkit.builders.recordings import START_MS

HOUR = 3_600_000


def hourly_table(recording: Recording, label: list[int]) -> Table:
    """One machine's hours, a failure after the last row."""
    table = tabulate(recording, describe(recording)).where(np.zeros(0, dtype=np.bool_))
    n = len(label)
    columns: dict[str, Any] = {
        "device": np.zeros(n, dtype=np.int64),
        "at_ms": START_MS + np.arange(n) * HOUR,
        "label": np.array(label),
        "event": np.where(np.array(label) == 1, 0, -1),
        "events": np.array([[0, START_MS + n * HOUR, START_MS + n * HOUR]]),
        "horizon_ms": 24 * HOUR,
        "step_ms": HOUR,
    }
    return replace(table, **columns)


def test_an_alarm_that_never_stops_is_worth_nothing(recording: Recording) -> None:
    """It rings again every horizon, and each ring without a failure is a false alarm."""
    table = hourly_table(recording, [0] * 216 + [1] * 24)
    always = measure_alarms(table, np.ones(240), failure_rule(0.5))
    assert (always.caught, always.false_alarms, always.true_alarms) == (1, 9, 1)
    timely = measure_alarms(table, np.r_[np.zeros(230), np.ones(10)], failure_rule(0.5))
    assert (timely.caught, timely.false_alarms, timely.lead_hours) == (1, 0, (10.0,))
    never = measure_alarms(table, np.zeros(240), failure_rule(0.5))
    assert (never.caught, never.false_alarms, never.recall) == (0, 0, 0.0)
    assert never.machine_months == pytest.approx(1 / 3)


def test_the_threshold_keeps_to_its_budget(recording: Recording) -> None:
    """And lies between what it must let pass and what it must not."""
    table = hourly_table(recording, [0] * 216 + [1] * 24)
    p = np.r_[np.zeros(50), np.full(10, 0.4), np.zeros(156), np.full(24, 0.8)]
    assert 0.4 < choose_threshold(table, p, failure_rule, budget=0.0) <= 0.8
    assert choose_threshold(table, p, failure_rule, budget=10.0) < 0.5
    assert choose_threshold(table, 0.1 * p, failure_rule, budget=10.0) == LEAST_THRESHOLD
    assert choose_threshold(table, np.full(240, 0.5), failure_rule, budget=0.0) > 0.5


def test_the_least_threshold_does_not_bind_where_failures_are_rarer(recording: Recording) -> None:
    """The budget decides then; but an alarm always means more than the average row."""
    table = hourly_table(recording, [0] * 236 + [1] * 4)
    p = np.r_[np.zeros(236), np.full(4, 0.03)]
    assert choose_threshold(table, p, failure_rule, budget=1.0) <= 0.03
    assert choose_threshold(table, 0.1 * p, failure_rule, budget=1.0) == pytest.approx(4 / 240)


def test_a_generous_budget_is_not_spent_on_alarms_that_say_next_to_nothing(recording: Recording) -> None:
    """A row in a hundred precedes a failure: an alarm at twice that is wrong 49 times in 50, whatever is allowed."""
    table = hourly_table(recording, [0] * 2376 + [1] * 24)
    p = np.r_[np.zeros(1188), np.full(1188, 0.02), np.full(24, 0.4)]
    assert LEAST_THRESHOLD <= choose_threshold(table, p, failure_rule, budget=1_000.0) <= 0.4


def test_without_a_failure_the_least_threshold_binds(recording: Recording) -> None:
    """How often failures come is unknown then, not zero: nothing but the budget would keep the threshold from zero."""
    table = hourly_table(recording, [0] * 240)
    assert choose_threshold(table, np.zeros(240), failure_rule, budget=1.0) == LEAST_THRESHOLD


def test_calibration_error_is_the_distance_between_word_and_truth() -> None:
    """Nought for a forecast that keeps its word."""
    label = np.array([0, 0, 0, 1] * 25)
    assert calibration_error(label, np.full(100, 0.25)) == pytest.approx(0.0)
    assert calibration_error(label, np.full(100, 0.95)) == pytest.approx(0.7)


def test_alarms_of_parts_are_counted_together(table: Table) -> None:
    """As if they had been one."""
    rows = table.where(by_time(table).test)
    rule = failure_rule(0.5)
    value = rows.label.astype(np.float64)
    parts = [rows.where(rows.device % 2 == k) for k in (0, 1)]
    apart = pool_alarms([measure_alarms(part, part.label.astype(np.float64), rule) for part in parts])
    whole = measure_alarms(rows, value, rule)
    assert (apart.events, apart.caught, apart.false_alarms) == (whole.events, whole.caught, whole.false_alarms)
    assert apart.machine_months == pytest.approx(whole.machine_months)
    assert sorted(apart.lead_hours) == sorted(whole.lead_hours)
