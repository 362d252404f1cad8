"""What retraining did, as Prometheus sees it."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest

from energytrack.store.learning.runs import VERDICTS, Run, RunReason
from ml.measures.drift import Drift
from ml.retraining.metrics import SHOWN, RetrainingMetrics, RunHistory
from testkit.builders.messages import NOW


def a_run(**fields: object) -> Run:
    """A run of a minute that kept the champion."""
    given: dict[str, object] = {
        "run_id": "01R", "trigger": "schedule", "started_at": NOW, "finished_at": NOW + timedelta(minutes=1),
        "verdict": "kept", "version": "v1", "before": "v1", "events": 14,
        "reasons": (RunReason("no_better", "random forest", 'no better than the "old" one'),),
    }  # fmt: skip
    return Run(**(given | fields))  # type: ignore[arg-type]


def shown(past: RunHistory | None = None, drift: Drift | None = None) -> str:
    registry = CollectorRegistry()
    facts = RetrainingMetrics(registry)
    facts.history = past or facts.history
    facts.drift, facts.looked_at = drift, NOW
    return generate_latest(registry).decode()


def test_before_the_first_run_counters_are_zero_and_moments_are_not_known() -> None:
    """An alert must not take "never" for "in 1970"."""
    page = shown()
    for verdict in VERDICTS:
        assert f'energytrack_retraining_runs_total{{verdict="{verdict}"}} 0.0' in page
    assert 'energytrack_retraining_reasons_total{why="too_few_events"} 0.0' in page
    assert "timestamp_seconds" not in page
    assert "drift" not in page


def test_a_run_is_counted_dated_and_described_in_words() -> None:
    """With the failures that the gate decided on."""
    run = a_run()
    page = shown(RunHistory({"kept": 3}, {"no_better": 5}, run=run, success=run))
    assert 'energytrack_retraining_runs_total{verdict="kept"} 3.0' in page
    assert 'energytrack_retraining_reasons_total{why="no_better"} 5.0' in page
    assert "energytrack_retraining_last_run_duration_seconds 60.0" in page
    assert "energytrack_retraining_last_run_events 14.0" in page
    assert 'reason="no better than the \\"old\\" one"' in page
    assert "last_promotion" not in page


def test_a_failed_run_is_later_than_the_last_success() -> None:
    """Which is what the alert compares."""
    failed = a_run(verdict="failed", finished_at=NOW + timedelta(days=7), events=0)
    page = shown(RunHistory({}, {}, run=failed, success=a_run()))
    moments = {
        line.split()[0]: float(line.split()[1])
        for line in page.splitlines()
        if line.startswith("energytrack_retraining_last_") and "timestamp" in line
    }
    last, success = (moments[f"energytrack_retraining_last_{what}_timestamp_seconds"] for what in ("run", "success"))
    assert last - success == timedelta(days=7, minutes=-1).total_seconds()
    assert "energytrack_retraining_last_run_events 14.0" in page


def test_drift_is_shown_with_the_features_that_moved_furthest() -> None:
    """Ten of them, however many there are."""
    drift = Drift({f"f{i:02d}": i / 40 for i in range(40)}, probability=0.1, rows=900, machines=16)
    page = shown(drift=drift)
    assert page.count("energytrack_model_drift_feature_index{") == SHOWN
    assert 'feature="f39"' in page
    assert "energytrack_model_drift_features_ratio 0.75" in page
    assert "energytrack_model_drift_probability_index 0.1" in page
