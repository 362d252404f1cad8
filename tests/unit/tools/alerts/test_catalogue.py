import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from energytrack.plant import load_plant
from energytrack.store.operations.alarms import RISK_RULES
from testkit.patience import seconds_here
from testkit.rules.promtool import PROMETHEUS
from tools.alerts.__main__ import main, rendered
from tools.alerts.catalogue import AlertDefinition, InvalidAlerts, load
from tools.alerts.manager import Contacts, Mail, configuration

ROOT = PROMETHEUS.parent
CATALOGUE = load(ROOT / "alerts.toml")
PLANT = load_plant(ROOT / "plant.toml")
PEOPLE = Contacts(
    "http://127.0.0.1:8000/api/alerts",
    token_file="alerts-token",  # noqa: S106  # a file's name
    mail=Mail("maintenance@plant.example", "energytrack@plant.example", "mail.plant.example:587", "energytrack", "pw"),
    pager_url="https://pager.example/hook",
)

each_alert = pytest.mark.parametrize("alert", CATALOGUE.alerts, ids=lambda alert: alert.name)


@cache
def expectations() -> tuple[tuple[str, list[Any]], ...]:
    """What the promtool tests ask of alerts, and what they expect."""
    found: list[tuple[str, list[Any]]] = []
    for path in PROMETHEUS.glob("tests/alerts*.yml"):
        for test in yaml.load(path.read_text(), yaml.CSafeLoader)["tests"]:
            found += ((case["expr"], case["exp_samples"]) for case in test.get("promql_expr_test", ()))
            found += (
                (f'alertname="{case["alertname"]}"', case["exp_alerts"]) for case in test.get("alert_rule_test", ())
            )
    return tuple(found)


def asked(expression: str) -> set[str]:
    """The alerts that an expression is about."""
    return {name for names in re.findall(r'alertname=~?"([\w|]+)"', expression) for name in names.split("|")}


def amtool(*arguments: str, configuration: dict[str, Any], folder: Path) -> str:
    program = shutil.which("amtool")
    if program is None:
        pytest.skip("amtool is not installed (it comes with the package prometheus-alertmanager)")
    path = folder / "alertmanager.json"
    path.write_bytes(msgspec.json.encode(configuration))
    command = [program, *(argument.format(path=path) for argument in arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds_here(30), check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_rendered_files_are_current(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert (main(["--check"]), capsys.readouterr().out) == (0, "")


@each_alert
def test_an_alert_is_tested_to_fire_and_not_to_fire(alert: AlertDefinition) -> None:
    seen = {bool(expected) for expression, expected in expectations() if alert.name in asked(expression)}
    assert seen == {True, False}


@each_alert
def test_an_alert_has_its_section_of_the_runbook(alert: AlertDefinition) -> None:
    headings = re.findall(r"^### (.+)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert alert.anchor in {heading.lower().replace(" ", "-") for heading in headings}


@each_alert
def test_an_alert_only_compares_a_recorded_signal(alert: AlertDefinition) -> None:
    text = (PROMETHEUS / "rules" / "alerts.yml").read_text()
    groups = {group["name"]: group["rules"] for group in yaml.load(text, yaml.CSafeLoader)["groups"]}
    rule = next(rule for rule in groups["alerts"] if rule["alert"] == alert.name)
    series = "[a-z_:0-9]+"
    assert re.fullmatch(rf"([e0-9-]+ \* {series} and )?{series} > 0( or NaN \* \({series} > 0\))?", rule["expr"])
    assert alert.signal in rule["expr"]
    assert {"summary", "description", "dashboard_url", "runbook_url"} <= rule["annotations"].keys()
    assert ("device_url" in rule["annotations"]) == (alert.subject == "device")


def test_what_contradicts_itself_is_refused_with_everything_that_is_wrong(tmp_path: Path) -> None:
    bad = (
        '[[alerts]]\nname = "TooHot"\nsubject = "plant"\nseverity = "critical"\nteam = "platform"\n'
        'holds = "1m"\nsignal = "plant:x:active"\nsummary = "{device_id} {value}"\naction = ""\ndashboard = "plant"\n'
        'silences = ["Nobody"]\nunit = "watt"\nfactors = true\n'
    )
    (tmp_path / "alerts.toml").write_text(bad)
    with pytest.raises(InvalidAlerts) as refused:
        load(tmp_path / "alerts.toml")
    for part in (
        "cannot silence Nobody",
        "silences_all",
        "a value needs a unit",
        "only machines",
        "{device_id}",
        "{value}",
    ):
        assert part in str(refused.value)


def test_an_unknown_field_is_refused(tmp_path: Path) -> None:
    (tmp_path / "alerts.toml").write_text('alerts = []\nfor = "1m"\n')
    with pytest.raises(InvalidAlerts, match="for"):
        load(tmp_path / "alerts.toml")


def test_alertmanager_accepts_its_configuration(tmp_path: Path) -> None:
    committed = yaml.load(
        rendered(ROOT / "alerts.toml", ROOT / "plant.toml")[Path("prometheus/alertmanager.yml")], yaml.CSafeLoader
    )
    assert "SUCCESS" in amtool("check-config", "{path}", configuration=committed, folder=tmp_path)
    everybody = configuration(CATALOGUE, PLANT, PEOPLE)
    assert "SUCCESS" in amtool("check-config", "{path}", configuration=everybody, folder=tmp_path)


@pytest.mark.parametrize(
    ("labels", "recipients"),
    [
        ("alertname=MachineFailed severity=critical line=press-shop device_id=press-0001", "control-api,pager"),
        ("alertname=FailureRiskHigh severity=warning line=press-shop device_id=press-0001", "control-api,mail"),
        ("alertname=IdleBetweenShifts severity=warning line=press-shop device_id=press-0001", "control-api,mail"),
        ("alertname=DeviceSilent severity=warning line=unknown device_id=pump-1", "control-api,mail"),
        ("alertname=DeadLetters severity=warning stage=historian", "control-api,mail"),
    ],
)
def test_the_right_people_are_notified(labels: str, recipients: str, tmp_path: Path) -> None:
    everybody = configuration(CATALOGUE, PLANT, PEOPLE)
    said = amtool(
        "config", "routes", "test", "--config.file={path}", *labels.split(), configuration=everybody, folder=tmp_path
    )
    assert said.strip() == recipients


def test_warnings_wait_for_the_shift_of_their_line_unless_they_cannot() -> None:
    routes = configuration(CATALOGUE, PLANT, PEOPLE)["route"]["routes"]
    always = next(route for route in routes if "IdleBetweenShifts" in str(route.get("matchers")))
    assert "active_time_intervals" not in always
    line = next(route for route in routes if route.get("matchers") == ['line="press-shop"'])
    assert line["active_time_intervals"] == ["at-work-press-shop"]
    assert routes.index(always) < routes.index(line)


def test_a_shift_past_midnight_is_two_stretches() -> None:
    intervals = {
        each["name"]: each["time_intervals"] for each in configuration(CATALOGUE, PLANT, PEOPLE)["time_intervals"]
    }
    night = {
        (tuple(each["weekdays"]), each["times"][0]["start_time"], each["times"][0]["end_time"])
        for each in intervals["at-work-shipping"]
    }
    workdays = ("monday", "tuesday", "wednesday", "thursday", "friday")
    assert (("sunday", *workdays[:4]), "22:00", "24:00") in night
    assert (workdays, "00:00", "06:00") in night
    assert all(each["location"] == "Europe/Berlin" for each in intervals["at-work"])


def test_the_rules_whose_alarms_are_warnings_are_those_that_tell_the_models_reasons() -> None:
    """A case counts their alarms as what warned of its failure, and so does the monthly report."""
    assert {alert.name for alert in CATALOGUE.alerts if alert.factors} == RISK_RULES
