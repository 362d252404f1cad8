"""Grafana's alerting as it is provisioned: every alert of the catalogue goes to the right people, without noise."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from energytrack.plant import load_plant
from testkit.rules.promtool import PROMETHEUS
from tests.unit.grafana.dashboards import boards
from tools.alerts.catalogue import Catalogue, load
from tools.alerts.grafana import PEOPLE, contacts, rules
from tools.alerts.reasons import REASONS

ROOT = PROMETHEUS.parent
CATALOGUE = load(ROOT / "alerts.toml")
PLANT = load_plant(ROOT / "plant.toml")
RULES: dict[str, dict[str, Any]] = {
    rule["title"]: rule for group in rules(CATALOGUE)["groups"] for rule in group["rules"]
}

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
each_variant = pytest.mark.parametrize("name", PEOPLE)


def test_every_alert_has_its_rule_and_so_has_a_prometheus_that_does_not_answer() -> None:
    assert RULES.keys() == {alert.name for alert in CATALOGUE.alerts} | {"PrometheusAway"}


def test_a_rule_that_left_the_catalogue_is_deleted_from_grafana_for_good() -> None:
    fewer = Catalogue(tuple(alert for alert in CATALOGUE.alerts if alert.name != "RulesFail"))
    deleted = [{"orgId": 1, "uid": "energytrack-rules-fail"}]
    after = rules(fewer, rules(CATALOGUE))
    assert after["deleteRules"] == deleted
    assert rules(fewer, after)["deleteRules"] == deleted
    assert "deleteRules" not in rules(CATALOGUE, after)


@each_rule
def test_a_rule_only_compares(rule: dict[str, Any]) -> None:
    assert rule["data"][-1]["model"]["conditions"] == [{"evaluator": {"type": "gt", "params": [0]}}]
    assert rule["condition"] == "C"


@each_rule
def test_a_rule_has_a_uid_that_grafana_takes(rule: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,40}", rule["uid"])


@each_rule
def test_no_value_is_in_a_label(rule: dict[str, Any]) -> None:
    assert rule["labels"].keys() == {"severity", "team"}
    assert "{{" not in str(rule["labels"])


@each_rule
def test_a_page_says_what_where_and_what_to_do(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    assert notes["summary"]
    assert notes["description"].endswith(".")
    page = notes["dashboard_url"].removeprefix("{{ externalURL }}d/").split("?")[0]
    assert page in {board.json["uid"] for board in boards()}
    address, _, anchor = notes["runbook_url"].partition("#")
    assert address == "{{ externalURL }}control/runbook"
    assert f'id="{anchor}"' in (ROOT / "control_api/web/templates/runbook_text.html").read_text(encoding="utf-8")


@each_rule
def test_a_text_names_only_queries_that_there_are(rule: dict[str, Any]) -> None:
    asked = {query["refId"] for query in rule["data"]}
    assert set(re.findall(r"\$values\.(\w+)", str(rule["annotations"]))) <= asked


@pytest.mark.parametrize("alert", CATALOGUE.alerts, ids=lambda alert: alert.name)
def test_what_another_alert_says_better_is_left_out(alert: Any) -> None:
    for silenced in (*alert.silences, *alert.silences_all):
        assert f"({alert.signal} > 0)" in RULES[silenced]["data"][0]["model"]["expr"]


def test_a_risk_says_what_speaks_for_it() -> None:
    text = RULES["FailureRiskHigh"]["annotations"]["description"]
    assert all(f"$values.{name} " in text for name in REASONS)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    asked = [query["model"]["expr"] for rule in RULES.values() for query in rule["data"] if "expr" in query["model"]]
    recorded = [{"record": f"asked:{number}", "expr": expression} for number, expression in enumerate(asked)]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "grafana", "rules": recorded}]}), encoding="utf-8")
    checked = subprocess.run(("promtool", "check", "rules", str(file)), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@each_variant
def test_the_control_api_hears_of_everything_first(name: str) -> None:
    policy = contacts(CATALOGUE, PLANT, PEOPLE[name])["policies"][0]
    assert policy["receiver"] == "control-api"
    assert policy["routes"][0] == {"receiver": "control-api", "continue": True}


@each_variant
def test_routes_lead_to_contacts_and_hours_that_there_are(name: str) -> None:
    content = contacts(CATALOGUE, PLANT, PEOPLE[name])
    names = {point["name"] for point in content["contactPoints"]}
    hours = {each["name"] for each in content["muteTimes"]}
    for route in content["policies"][0]["routes"]:
        assert route["receiver"] in names
        assert set(route.get("active_time_intervals", ())) <= hours


@each_variant
def test_addresses_and_tokens_come_from_the_environment(name: str) -> None:
    for point in contacts(CATALOGUE, PLANT, PEOPLE[name])["contactPoints"]:
        settings = point["receivers"][0]["settings"]
        given = [settings[key] for key in ("url", "addresses", "authorization_credentials") if key in settings]
        assert given
        assert all(re.fullmatch(r"\$[A-Z_]+", value) for value in given)
