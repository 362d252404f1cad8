"""The cost of wrong alarms, and the threshold within the budget of false alarms at which it is lowest."""

from collections.abc import Callable
from typing import Final

import numpy as np

from energytrack.contract.costs import AlarmCosts
from ml.arrays import Floats
from ml.datasets.table import Table
from ml.measures.alarms import AlarmRule
from ml.measures.quality import MONTH_MS, candidate_thresholds, judge_alarms

Prices = Callable[[str, str], AlarmCosts | None]
"""The costs of wrong alarms of a machine, by its id and type; None if not given."""
LEAST_FAILURES: Final = 10
"""With fewer failures of machines whose costs are known, chance would choose."""
MARGIN: Final = 0.1
"""A threshold that saves less than this share of the cost is not used."""


def monthly_cost(table: Table, probability: Floats, rule: AlarmRule, prices: Prices) -> float | None:
    """Cost of false alarms and missed failures per month of a machine whose costs are known; None without any."""
    known = np.array([one is not None for one in _of_machines(table, prices)], dtype=np.bool_)
    months = int(known[table.device].sum()) * table.step_ms / MONTH_MS
    return _total(table, probability, rule, prices) / months if months else None


def known_failures(table: Table, prices: Prices) -> int:
    """The failures within reach of the rows, on machines whose costs are known."""
    costs_by_device = _of_machines(table, prices)
    failed = table.events[np.unique(table.event[table.event >= 0]), 0].tolist()
    return sum(costs_by_device[device] is not None for device in failed)


def cheapest_threshold(
    table: Table, probability: Floats, make_rule: Callable[[float], AlarmRule], *, at_budget: float, prices: Prices
) -> float:
    """The threshold at which wrong alarms cost least on these rows, which must be validation rows.

    Never lower than `at_budget`, the threshold that the budget of false alarms allows; that one stays if there are too
    few failures, or if nothing saves much.
    """
    if known_failures(table, prices) < LEAST_FAILURES:
        return at_budget
    thresholds = [at_budget, *(one for one in candidate_thresholds(probability).tolist() if one > at_budget)]
    costs = [_total(table, probability, make_rule(one), prices) for one in thresholds]
    cheapest = int(np.argmin(costs))
    return thresholds[cheapest] if costs[cheapest] < (1.0 - MARGIN) * costs[0] else at_budget


def _total(table: Table, probability: Floats, rule: AlarmRule, prices: Prices) -> float:
    """The cost for machines whose costs are known; the others are left out."""
    costs_by_device = _of_machines(table, prices)
    false_alarm = np.array([0.0 if one is None else one.false_alarm for one in costs_by_device])
    missed = np.array([0.0 if one is None else one.missed for one in costs_by_device])
    judged = judge_alarms(table, probability, rule)
    unannounced = judged.event[np.isnan(judged.lead_hours)]
    return float(false_alarm[judged.device[~judged.useful]].sum() + missed[table.events[unannounced, 0]].sum())


def _of_machines(table: Table, prices: Prices) -> list[AlarmCosts | None]:
    return [prices(device, kind) for device, kind in zip(table.devices, table.device_types, strict=True)]
