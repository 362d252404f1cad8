"""What wrong alarms cost, and where the threshold is cheapest."""

from dataclasses import replace

import numpy as np
import pytest

from energytrack.contract.costs import AlarmCosts
from ml.arrays import Floats
from ml.datasets.table import Table
from ml.measures import cost as measured
from ml.measures.alarms import failure_rule
from ml.measures.cost import cheapest_threshold, known_failures, monthly_cost
from ml.measures.quality import choose_threshold, judge_alarms, measure_alarms

BUDGET = 40.0
"""So wide that many thresholds are within it."""


@pytest.fixture(scope="module")
def rows(table: Table) -> Table:
    return table.where(~table.training_only)


@pytest.fixture(scope="module")
def probability(rows: Table) -> Floats:
    """High before failures, and sometimes before none."""
    noise = np.random.default_rng(1).random(len(rows))
    return np.where(rows.label == 1, 0.5 + 0.5 * noise, 0.8 * noise**4)


def test_a_false_alarm_and_a_missed_failure_have_their_price(rows: Table, probability: Floats) -> None:
    found = measure_alarms(rows, probability, failure_rule(0.6))
    cost = monthly_cost(rows, probability, failure_rule(0.6), lambda *_: AlarmCosts(10.0, 1000.0))
    assert cost is not None
    missed = found.events - found.caught
    assert cost * found.machine_months == pytest.approx(10.0 * found.false_alarms + 1000.0 * missed)


def test_machines_whose_costs_nobody_said_are_left_out(rows: Table, probability: Floats) -> None:
    """With their alarms, their failures and their time: absent is not zero."""
    first = rows.devices[0]
    own = rows.device == 0
    cost = monthly_cost(
        rows, probability, failure_rule(0.6), lambda device, _: AlarmCosts(10.0, 90.0) if device == first else None
    )
    alone = monthly_cost(rows.where(own), probability[own], failure_rule(0.6), lambda *_: AlarmCosts(10.0, 90.0))
    assert cost == pytest.approx(alone)
    assert monthly_cost(rows, probability, failure_rule(0.6), lambda *_: None) is None
    assert known_failures(rows, lambda *_: None) == 0


def test_dear_false_alarms_raise_the_threshold_and_dear_failures_never_lower_it(
    rows: Table, probability: Floats
) -> None:
    """The budget of false alarms holds whatever a failure costs."""
    at_budget = choose_threshold(rows, probability, failure_rule, budget=BUDGET)
    dear_inspections, dear_failures = AlarmCosts(100.0, 1.0), AlarmCosts(0.0, 10_000.0)
    cautious, eager = (
        cheapest_threshold(rows, probability, failure_rule, at_budget=at_budget, prices=lambda *_, costs=costs: costs)
        for costs in (dear_inspections, dear_failures)
    )
    assert cautious > at_budget
    assert eager == at_budget
    less, more = (
        monthly_cost(rows, probability, failure_rule(one), lambda *_: dear_inspections) for one in (cautious, at_budget)
    )
    assert less is not None
    assert more is not None
    assert less < 0.9 * more


def test_with_few_failures_the_budget_alone_decides(
    rows: Table, probability: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chance would choose."""
    prices = lambda *_: AlarmCosts(100.0, 1.0)  # noqa: E731
    monkeypatch.setattr(measured, "LEAST_FAILURES", known_failures(rows, prices) + 1)
    assert cheapest_threshold(rows, probability, failure_rule, at_budget=0.3, prices=prices) == 0.3


def test_each_failure_has_its_lead(rows: Table) -> None:
    """NaN where no alarm came before it."""
    judged = judge_alarms(rows, np.zeros(len(rows)), failure_rule(0.5))
    assert len(judged.device) == 0
    assert np.isnan(judged.lead_hours).all()
    sound = replace(rows, event=np.full(len(rows), -1))
    assert len(judge_alarms(sound, np.zeros(len(rows)), failure_rule(0.5)).event) == 0
