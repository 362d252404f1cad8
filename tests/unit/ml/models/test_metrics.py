from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from ml.errors import MISMATCHES, ArtifactMismatch
from ml.models.card import ChosenByCost
from ml.models.metrics import ModelMetrics
from testkit.builders.recordings import a_champion


def test_only_the_model_in_use_is_shown() -> None:
    """A score that was not measured is absent, not zero."""
    registry = CollectorRegistry()
    metrics = ModelMetrics(registry)
    value = registry.get_sample_value
    assert value("energytrack_model_threshold_ratio") is None
    assert value("energytrack_model_created_timestamp_seconds") is None  # 0 was a model of 57 years
    for version in ("first", "second"):
        metrics.in_use(a_champion(version=version).card)
    assert value("energytrack_model_info", {"version": "first", "kind": "random_forest"}) is None
    assert value("energytrack_model_info", {"version": "second", "kind": "random_forest"}) == 1
    assert value("energytrack_model_threshold_ratio") == 0.7
    assert value("energytrack_model_score", {"score": "pr_auc"}) == 0.8
    assert value("energytrack_model_score", {"score": "event_recall"}) is None


def test_what_wrong_alarms_cost_is_shown_where_it_is_known() -> None:
    """A later model without costs takes them away."""
    registry = CollectorRegistry()
    metrics = ModelMetrics(registry)
    metrics.in_use(replace(a_champion().card, by_cost=ChosenByCost(0.2, 40.0, 55.0, failures=12)))
    value = registry.get_sample_value
    cost = "energytrack_model_wrong_alarms_cost"
    assert (value(cost, {"threshold": "in_use"}), value(cost, {"threshold": "by_budget"})) == (40.0, 55.0)
    metrics.in_use(a_champion().card)
    assert value(cost, {"threshold": "in_use"}) is None


def test_refusals_are_counted_from_zero() -> None:
    registry = CollectorRegistry()
    metrics = ModelMetrics(registry)
    value = registry.get_sample_value
    assert all(value("energytrack_model_refused_total", {"reason": reason}) == 0 for reason in MISMATCHES)
    metrics.refused(ArtifactMismatch("model.pkl", "checksum", "abc", "def"))
    assert value("energytrack_model_refused_total", {"reason": "checksum"}) == 1


def test_the_time_that_scoring_takes_is_observed() -> None:
    registry = CollectorRegistry()
    ModelMetrics(registry).scored(0.25)
    assert registry.get_sample_value("energytrack_model_scoring_seconds_sum") == 0.25
