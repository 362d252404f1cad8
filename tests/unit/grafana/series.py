"""Which series there are: what our services export, what Prometheus records, what comes with the libraries."""

import re
from pathlib import Path
from typing import Any, Final

import yaml
from prometheus_client import CollectorRegistry

from energytrack.telemetry import Stage
from exporters.subjects import SUBJECTS

ROOT: Final = Path(__file__).resolve().parents[3]

OF_PROMETHEUS: Final = {"up", "scrape_duration_seconds", "scrape_samples_scraped"}
OF_THE_LIBRARY: Final = {"process_cpu_seconds_total", "process_resident_memory_bytes"}
OF_OTHERS: Final = {
    "energytrack_service_waiting_seconds",  # energytrack/running/health.py
    "energytrack_device_alarm_state",  # control_api/record_metrics.py
    "energytrack_device_alarm_opened_timestamp_seconds",
    "energytrack_device_order_timestamp_seconds",
    "energytrack_device_refused_request_timestamp_seconds",
    "energytrack_device_locked",
    "energytrack_baseline_actual_joules",  # control_api/measures/metrics.py
    "energytrack_baseline_expected_joules",
    "energytrack_baseline_excess_ratio",
    "energytrack_baseline_cusum_joules",
    "energytrack_baseline_rising",
    "energytrack_production_oee_ratio",  # control_api/production/metrics.py
    "energytrack_production_availability_ratio",
    "energytrack_production_performance_ratio",
    "energytrack_production_quality_ratio",
    "energytrack_production_kind_oee_ratio",
    "energytrack_production_kind_availability_ratio",
    "energytrack_production_kind_performance_ratio",
    "energytrack_production_kind_quality_ratio",
    "energytrack_production_planned_seconds",
    "energytrack_production_unknown_seconds",
    "energytrack_production_parts",
    "energytrack_production_estimated_parts",
    "energytrack_production_parts_source",
    "energytrack_production_stops",
    "energytrack_production_stop_seconds",
    "energytrack_production_micro_stops",
    "energytrack_production_micro_stop_seconds",
    "energytrack_production_unexplained_stop_seconds",
    "energytrack_measure_saved_joules",  # control_api/measures/metrics.py
    "energytrack_measure_saved_uncertainty_joules",
    "energytrack_measure_saved_cost",
    "energytrack_measure_expected_joules",
    "energytrack_measure_cost_of_doing",
    "energytrack_measure_proved",
    "energytrack_measure_kept",
    "energytrack_measure_broken_days",
    "energytrack_measure_start_timestamp_seconds",
    "energytrack_measure_metered",
    "energytrack_measure_adjusted_joules",
    "energytrack_disk_paused",  # energytrack/running/disk_room.py
    "energytrack_model_info",  # ml/models/champion_file.py
    "energytrack_model_created_timestamp_seconds",
    "energytrack_model_threshold_ratio",
    "energytrack_model_score",
    "energytrack_model_wrong_alarms_cost",
    "energytrack_model_drift_features_ratio",  # ml/retraining/metrics.py
    "energytrack_model_drift_probability_index",
    "energytrack_model_drift_feature_index",
    "energytrack_model_failures_total",  # ml/scoring/outcome_metrics.py
    "energytrack_model_alarms_total",
    "energytrack_model_watched_seconds_total",
    "energytrack_model_lead_seconds_bucket",
    "energytrack_retraining_runs_total",
    "energytrack_retraining_last_success_timestamp_seconds",
    "energytrack_retraining_last_run_events",
    "energytrack_retraining_last_run_info",
}
"""Series of services that have no table of them; a test finds each name in their code."""

WORDS: Final = {
    *("and", "or", "unless", "by", "on", "without", "ignoring", "offset", "bool", "group_left", "group_right"),
    *(
        "absent",
        "sum",
        "count",
        "max",
        "min",
        "avg",
        "topk",
        "bottomk",
        "sort",
        "sort_desc",
        "vector",
        "time",
        "days_in_month",
        "NaN",
        "label_replace",
    ),
    *(
        "count_over_time",
        "rate",
        "increase",
        "histogram_quantile",
        "sum_over_time",
        "max_over_time",
        "avg_over_time",
        "last_over_time",
    ),
}
"""PromQL's own."""


def exported() -> set[str]:
    """The name of every series that our services put on /metrics, or that Prometheus reads of the ledger."""
    return {family.name for families in SUBJECTS.values() for family in families} | _of_stages()


def recorded() -> set[str]:
    """The name of every series that Prometheus makes."""
    return {
        rule["record"]
        for file in (ROOT / "prometheus" / "rules").glob("*.yml")
        for group in _groups(file)
        for rule in group["rules"]
        if "record" in rule
    }


def named(expression: str) -> set[str]:
    """The series that an expression asks for."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\{[^}]*\}", "{}", bare)
    bare = re.sub(r"\$__\w+", " ", bare)
    bare = re.sub(r"\[[^\]]*\]", "[]", bare)
    bare = re.sub(r"\boffset\s+-?\w+", " ", bare)
    return {name for name in re.findall(r"(?<![\w.])[a-zA-Z_][\w:]*", bare) if name not in WORDS}


def _groups(file: Path) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]
    return groups


def _of_stages() -> set[str]:
    registry = CollectorRegistry()
    stage = Stage("any", registry, takes=["any"], puts=["any"])
    stage.took([0.0])
    return {sample.name for family in registry.collect() for sample in family.samples}
