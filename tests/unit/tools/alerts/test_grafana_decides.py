"""Grafana's rules decide by their signal alone, however many holes there are in what they tell besides."""

import re
from math import ceil
from pathlib import Path
from typing import Any, Final

import pytest

from ml.features.spec import FeatureSpec
from testkit.rules.grafana import evaluate
from testkit.rules.promtool import PROMETHEUS
from tools.alerts.catalogue import IDENTITY, AlertDefinition, load
from tools.alerts.grafana import rules
from tools.alerts.reasons import REASONS

CATALOGUE = load(PROMETHEUS.parent / "alerts.toml")
RULES: dict[str, dict[str, Any]] = {
    rule["title"]: rule for group in rules(CATALOGUE)["groups"] for rule in group["rules"]
}
ODD: Final = ("NaN", "+Inf", "-Inf", "0", "-0", "1e-9", "-24000", "0.8631", "1e9", "-3.25", "86400")
NOT_FOR_PEOPLE: Final = re.compile(r"(?i)\bnan\b|\binf\b|\+Inf|no value|e[+-]?1[78]|<error|%!|[a-z]_[a-z]")

each_alert = pytest.mark.parametrize("alert", CATALOGUE.alerts, ids=lambda alert: alert.name)


def series(recorded: str, alert: AlertDefinition, number: int = 1) -> str:
    """A recorded series with the labels of what the alert is about."""
    labels = ",".join(f'{label}="{label.replace("_", "-")}-{number}"' for label in IDENTITY[alert.subject])
    return f"{recorded}{{{labels}}}" if labels else recorded


def minutes(alert: AlertDefinition) -> int:
    """When it has been true for longer than its rule waits, and longer than Prometheus looks back."""
    number, unit = int(RULES[alert.name]["for"][:-1]), RULES[alert.name]["for"][-1]
    return 10 + ceil(number * {"s": 1, "m": 60, "h": 3600}[unit] / 60)


def fired(alert: AlertDefinition, given: dict[str, str], folder: Path) -> list[dict[str, dict[str, str]]]:
    return evaluate([RULES[alert.name]], given, at=f"{minutes(alert)}m", folder=folder)[alert.name]


@each_alert
def test_it_fires_though_nothing_is_known_but_its_signal(alert: AlertDefinition, tmp_path: Path) -> None:
    (fired_alert,) = fired(alert, {series(alert.signal, alert): "1x220"}, tmp_path)
    assert fired_alert["labels"]["severity"] == alert.severity
    for text in (fired_alert["annotations"]["summary"], fired_alert["annotations"]["description"]):
        assert not NOT_FOR_PEOPLE.search(text)


@pytest.mark.slow
@each_alert
def test_it_goes_on_when_what_it_tells_is_gone(alert: AlertDefinition, tmp_path: Path) -> None:
    given = {series(alert.signal, alert): "1x220"}
    if alert.value is not None:
        given[series(alert.value, alert)] = "1x20 stale _x200"
    assert len(fired(alert, given, tmp_path)) == 1


@pytest.mark.slow
@each_alert
def test_it_does_not_fire_below_its_signal_nor_without_one(alert: AlertDefinition, tmp_path: Path) -> None:
    assert fired(alert, {series(alert.signal, alert): "0x220"}, tmp_path) == []
    assert fired(alert, {"nothing": "1x220"}, tmp_path) == []


@pytest.mark.slow
@each_alert
def test_it_ends_with_its_signal(alert: AlertDefinition, tmp_path: Path) -> None:
    until = 3 * minutes(alert) - 10
    assert fired(alert, {series(alert.signal, alert): f"1x{until} 0x30"}, tmp_path) == []


def test_the_model_of_grafana_sees_what_went_wrong_once(tmp_path: Path) -> None:
    """A query for a text alone, with no answer for any machine, ended the whole rule."""
    alert = next(alert for alert in CATALOGUE.alerts if alert.name == "FailureRiskHigh")
    rule = RULES[alert.name]
    broken = [
        {**query, "model": {**query["model"], "expr": query["model"]["expr"].partition(" or on ")[0]}}
        if query["refId"] == "current"
        else query
        for query in rule["data"]
    ]
    given = {series(alert.signal, alert): "1x220"}
    assert evaluate([{**rule, "data": broken}], given, at="60m", folder=tmp_path) == {alert.name: []}


def test_prometheus_away_fires_where_nothing_answers(tmp_path: Path) -> None:
    assert evaluate([RULES["PrometheusAway"]], {"nothing": "1x20"}, at="5m", folder=tmp_path) == {"PrometheusAway": []}
    (asked, condition) = RULES["PrometheusAway"]["data"]
    silent = {**asked, "model": {**asked["model"], "expr": "vector(0) > 1"}}
    fired_alert = evaluate(
        [{**RULES["PrometheusAway"], "data": [silent, condition]}], {"nothing": "1x20"}, at="5m", folder=tmp_path
    )
    assert len(fired_alert["PrometheusAway"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("alert", [each for each in CATALOGUE.alerts if each.value], ids=lambda alert: alert.name)
def test_no_value_makes_a_text_that_people_cannot_read(alert: AlertDefinition, tmp_path: Path) -> None:
    numbers = range(len(ODD) if IDENTITY[alert.subject] else 1)
    given = {series(alert.signal, alert, number): "1x220" for number in numbers}
    given |= {series(str(alert.value), alert, number): " ".join([ODD[number]] * 220) for number in numbers}
    fired_alert = fired(alert, given, tmp_path)
    assert len(fired_alert) == len(numbers)
    for each in fired_alert:
        for text in (each["annotations"]["summary"], each["annotations"]["description"]):
            assert not NOT_FOR_PEOPLE.search(text), text


def test_a_risk_says_its_reasons_as_a_list_of_words(tmp_path: Path) -> None:
    alert = next(alert for alert in CATALOGUE.alerts if alert.name == "FailureRiskCritical")
    labels = series("", alert).strip("{}")
    given = {series(alert.signal, alert): "1x220", series(str(alert.value), alert): "0.9767x200"}
    for name, value in (("temperature", 0.4), ("warnings", 0.1), ("pressure", 0.001), ("current", -0.2)):
        given[f'device_reason:failure_factor_ratio:sum{{{labels},reason="{REASONS[name][0]}"}}'] = f"{value}x200"
    (fired_alert,) = fired(alert, given, tmp_path)
    assert fired_alert["annotations"]["summary"] == "device-id-1 is about to fail: 98 %"
    assert fired_alert["annotations"]["description"].startswith(
        "Main reasons: temperature, warning codes of its controller. Inspect it now."
    )


def test_a_machine_without_pressure_is_described_in_bar_and_with_the_side(tmp_path: Path) -> None:
    alert = next(alert for alert in CATALOGUE.alerts if alert.name == "PressureLost")
    given = {series(alert.signal, alert, number): "1x220" for number in (1, 2)}
    given |= {series(str(alert.value), alert, 1): "-24000x220", series(str(alert.value), alert, 2): "10000x220"}
    below, above = (each["annotations"]["summary"] for each in fired(alert, given, tmp_path))
    assert below == "device-id-1 is running without pressure: 0.24 bar below the minimum of its type"
    assert above == "device-id-2 is running without pressure: 0.10 bar above the minimum of its type"


def test_every_feature_is_about_one_thing() -> None:
    spec = FeatureSpec(
        ("temperature", "pressure", "current"),
        60.0,
        (0.1, 0.1, 0.1),
        reference_blocks=2,
        codes=("F001",),
        repair_hours=(24.0,),
        components=("pump",),
        device_types=("press",),
    )
    for name in spec.names:
        about = [reason for reason, (_, features) in REASONS.items() if re.fullmatch(features, name)]
        assert len(about) == 1, (name, about)
