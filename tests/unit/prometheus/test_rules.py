import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.site import Ports
from testkit.rules.promtool import PROMETHEUS, promtool
from tools.docs.metrics import all_metrics

RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
MANY_EVALUATIONS = {"alerts", "alerts-days", "alerts-minutes", "alerts-weeks"}
TESTS = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem in MANY_EVALUATIONS else [])
    for path in sorted((PROMETHEUS / "tests").glob("*.yml"))
]
LEVELS = {"device", "line", "line_type", "line_type_state", "type", "state", "plant", "stage", "stage_topic"}
LEVELS |= {"stage_reason", "topic", "recommendation", "device_sensor", "device_reason", "job", "disk", "disk_part"}
LEVELS |= {"baseline", "measure"}


def rules() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.load(path.read_text(), yaml.CSafeLoader)["groups"]:
            yield from group["rules"]


def exported() -> set[str]:
    """All series of ours that rules may ask for."""
    return {
        metric.name + suffix
        for metric in all_metrics()
        for suffix in (("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",))
    }


def recorded() -> set[str]:
    return {rule["record"] for rule in rules() if "record" in rule}


def asked(text: str) -> set[str]:
    """All metrics of ours that a text names."""
    return set(re.findall(r"\benergytrack_[a-z_]+[a-z]|\b[a-z_]+:[a-z_]+:[a-z0-9_]+", text)) - {"energytrack_device"}


def test_rules_are_sound() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("path", TESTS)
def test_rules_say_what_their_tests_expect(path: Path) -> None:
    promtool("test", "rules", path)


def test_every_file_of_recording_rules_has_its_tests() -> None:
    assert {path.name for path in RULES} <= {path.name for path in (PROMETHEUS / "tests").glob("*.yml")}


def test_recorded_names_are_level_metric_operation() -> None:
    for rule in rules():
        if "record" in rule:
            assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", rule["record"]), rule["record"]
            assert rule["record"].split(":")[0] in LEVELS, rule["record"]


def test_rules_ask_only_for_what_is_exported_or_recorded() -> None:
    known = exported() | recorded()
    for rule in rules():
        assert asked(rule["expr"]) <= known, (rule.get("record", rule.get("alert")), asked(rule["expr"]) - known)


def test_the_examples_for_people_parse_and_name_what_there_is(tmp_path: Path) -> None:
    page = (PROMETHEUS.parent / "docs" / "promql.md").read_text()
    queries = [
        line for block in re.findall(r"```promql\n(.*?)```", page, re.DOTALL) for line in block.splitlines() if line
    ]
    assert len(queries) > 30
    parsed = {"groups": [{"name": "g", "rules": [{"record": f"q{n}", "expr": q} for n, q in enumerate(queries)]}]}
    (tmp_path / "queries.yml").write_text(yaml.safe_dump(parsed))
    promtool("check", "rules", tmp_path / "queries.yml")
    assert asked("\n".join(queries)) <= exported() | recorded()


def test_the_configuration_is_sound() -> None:
    promtool("check", "config", "prometheus.yml")


def test_every_job_has_a_target_file_of_its_name() -> None:
    """For a Prometheus that runs beside the services at their own ports; a replay is started on demand."""
    jobs = {
        job["job_name"]: job["file_sd_configs"]
        for job in yaml.load((PROMETHEUS / "prometheus.yml").read_text(), yaml.CSafeLoader)["scrape_configs"]
    }
    assert jobs == {name: [{"files": [f"targets/{name}.yml"]}] for name in jobs}
    ports = dict(Ports().items())
    assert {
        path.stem: yaml.load(path.read_text(), yaml.CSafeLoader)[0]["targets"]
        for path in (PROMETHEUS / "targets").glob("*.yml")
    } == {name: [f"127.0.0.1:{ports[name]}"] for name in jobs if name != "replay"}
