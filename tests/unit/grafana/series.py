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
AWAITED: Final = {
    "energytrack_device_alarm_state": "the control API's alarms",
    "energytrack_device_locked": "the control API's locks",
    "energytrack_model_info": "the consumer's model",
}
"""Series that docs/metrics.md promises and no service exports yet. A name that is exported has to leave this list."""

WORDS: Final = {
    *("and", "or", "unless", "by", "on", "without", "ignoring", "offset", "bool", "group_left", "group_right"),
    *("sum", "count", "max", "min", "avg", "topk", "sort_desc", "vector", "time"),
    *("rate", "increase", "histogram_quantile", "sum_over_time", "max_over_time", "avg_over_time"),
}
"""PromQL's own."""


def exported() -> set[str]:
    """The name of every series that our services put on /metrics."""
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
    bare = re.sub(r"\[[^\]]*\]", "[]", bare)
    bare = re.sub(r"\boffset\s+\w+", " ", bare)
    return {name for name in re.findall(r"(?<![\w.])[a-zA-Z_][\w:]*", bare) if name not in WORDS}


def _groups(file: Path) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    return groups


def _of_stages() -> set[str]:
    registry = CollectorRegistry()
    stage = Stage("any", registry, takes=["any"], puts=["any"])
    stage.latency_observer()(0.0)
    return {sample.name for family in registry.collect() for sample in family.samples}
