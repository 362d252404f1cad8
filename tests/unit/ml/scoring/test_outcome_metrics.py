"""The worth of alarms as metrics."""

from itertools import pairwise

from prometheus_client import CollectorRegistry

from ml.scoring.outcome_metrics import LEADS, OutcomeMetrics
from ml.scoring.outcome_tracker import OutcomeCounts


def test_counters_start_at_zero_and_add_up() -> None:
    registry = CollectorRegistry()
    metrics = OutcomeMetrics(registry)
    false = {"outcome": "false"}
    assert registry.get_sample_value("energytrack_model_alarms_total", false) == 0
    for _ in range(2):
        metrics.add(OutcomeCounts(alarms=("true", "false"), leads_ms=(7_200_000,), missed=1, watched_ms=60_000))
    assert registry.get_sample_value("energytrack_model_alarms_total", false) == 2
    assert registry.get_sample_value("energytrack_model_failures_total", {"outcome": "caught"}) == 2
    assert registry.get_sample_value("energytrack_model_failures_total", {"outcome": "missed"}) == 2
    assert registry.get_sample_value("energytrack_model_lead_seconds_sum") == 14_400
    assert registry.get_sample_value("energytrack_model_watched_seconds_total") == 120


def test_a_typical_lead_time_is_off_by_half_at_most() -> None:
    """All leads of the simulated plant lay between 3 and 15 minutes: their median always read 9."""
    assert [(lower, upper) for lower, upper in pairwise(LEADS) if upper > 1.5001 * lower] == []
