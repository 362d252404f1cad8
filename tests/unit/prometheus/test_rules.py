import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from energytrack.telemetry import Stage
from exporters.subjects import SUBJECTS
from tests.promtool import PROMETHEUS, promtool

RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
LEVELS = {"device", "line", "line_type", "line_type_state", "type", "state", "plant", "stage", "stage_topic"}
LEVELS |= {"stage_reason", "topic", "recommendation"}


def rules() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def exported() -> set[str]:
    """All metrics that rules may ask for."""
    registry = CollectorRegistry()
    Stage("any", registry, takes=("topic",), puts=("topic",)).latency_observer()
    return {family.name for families in SUBJECTS.values() for family in families} | {
        sample.name for family in registry.collect() for sample in family.samples
    }


def test_rules_are_sound() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_rules_say_what_their_tests_expect(path: Path) -> None:
    promtool("test", "rules", path)


def test_every_file_of_recording_rules_has_its_tests() -> None:
    assert {path.name for path in RULES} <= {path.name for path in TESTS}


def test_recorded_names_are_level_metric_operation() -> None:
    for rule in rules():
        if "record" in rule:
            assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", rule["record"]), rule["record"]
            assert rule["record"].split(":")[0] in LEVELS, rule["record"]


def test_rules_ask_only_for_what_is_exported_or_recorded() -> None:
    known = exported() | {rule["record"] for rule in rules() if "record" in rule}
    for rule in rules():
        asked = set(re.findall(r"\benergytrack_\w+|\b\w+:\w+:\w+", rule["expr"]))
        assert asked <= known, (rule.get("record", rule.get("alert")), asked - known)


def test_the_configuration_is_sound() -> None:
    promtool("check", "config", "prometheus.yml")


def test_every_job_has_a_target_file_of_its_name() -> None:
    """A replay runs on demand; all other services of Compose are always there."""
    jobs = {
        job["job_name"]: job["file_sd_configs"]
        for job in yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    }
    assert jobs == {name: [{"files": [f"targets/{name}.yml"]}] for name in jobs}
    assert {path.stem for path in (PROMETHEUS / "targets").glob("*.yml")} == jobs.keys() - {"replay"}
