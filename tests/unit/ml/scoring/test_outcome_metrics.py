"""The worth of alarms as metrics."""

from prometheus_client import CollectorRegistry

from ml.scoring.outcome_metrics import OutcomeMetrics
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
