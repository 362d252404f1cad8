"""Texts of alerts, as Prometheus and Grafana fill them in: words and numbers with units, whatever is known or not."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from energytrack.stopping.words import WORDS
from testkit.rules.grafana import evaluate, fired_by
from testkit.rules.promtool import PROMETHEUS
from tools.alerts.catalogue import IDENTITY, AlertDefinition, Unit, load
from tools.alerts.grafana import rules
from tools.alerts.reasons import REASONS
from tools.alerts.values import OTHERWISE, SCALE

ALERTS: Final = load(PROMETHEUS.parent / "alerts.toml").alerts
IN_GRAFANA: Final[list[dict[str, Any]]] = [
    rule
    for group in rules(load(PROMETHEUS.parent / "alerts.toml"))["groups"]
    for rule in group["rules"]
    if rule["title"] in {alert.name for alert in ALERTS}
]
IN_PROMETHEUS: Final[list[dict[str, Any]]] = [
    rule
    for group in yaml.load((PROMETHEUS / "rules" / "alerts.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)[
        "groups"
    ]
    for rule in group["rules"]
    if "alert" in rule
]
for rule in (*IN_GRAFANA, *IN_PROMETHEUS):
    rule["for"] = "0s"  # how long an alert waits is tested elsewhere, and takes hours of evaluations
AT: Final = "1m"
RULE_NAMES: Final = "|".join(alert.name for alert in ALERTS)
NOT_FOR_PEOPLE: Final = re.compile(
    rf"(?i:\bnan\b|\binf\b|no value|<nil>|<error|%!|\de[+-]\d)|[a-z]_[a-z]|-0(?:\.0+)?(?![\d.]*\d)|{RULE_NAMES}"
    r"|  |[{}]|\(\)|: [,.;]| of (?:and|$)"
)
"""Values that are none, codes, a zero with a sign, names of rules, and the gaps that an absent label leaves."""
DURATION: Final = re.compile(
    r" (less than a second|\d+ s|\d+ min|\d+ h|\d h \d+ min|1 day( \d+ h)?|\d+ days( \d+ h)?)(?= behind|,|$)"
)
COMMANDS: Final = re.compile(r"`[^`]*`")
UNITS: Final[dict[Unit, str]] = {"percent": "%", "celsius": "°C", "pascal": "bar", "watt": "kW"}

NUMBERS: Final = st.floats(-1e9, 1e9, allow_nan=False) | st.sampled_from([0.0, -0.0, -4e-5, 1e-9, -24e3, 86_400.0])
ODD: Final = st.sampled_from([float("nan"), float("inf"), float("-inf"), 1e18, -1e18])
VALUES: Final = st.none() | NUMBERS | ODD
LABELS: Final[dict[str, st.SearchStrategy[str]]] = {
    "device_id": st.sampled_from(["cnc-0041", "Presse 7/2", 'drill "A"']),
    "device_type": st.sampled_from(["cnc_machine", "press", ""]),
    "line": st.sampled_from(["press-shop", "unknown", ""]),
    "stage": st.sampled_from(["ml_consumer", "historian", ""]),
    "job": st.sampled_from(["control_api", "kafka", ""]),
    "topic": st.sampled_from(["factory-sensor-data", ""]),
    "disk": st.sampled_from(["data", "/var/lib", ""]),
    "baseline_id": st.sampled_from(["b1"]),
    "baseline": st.sampled_from(["Press shop", ""]),
    "measure_id": st.sampled_from(["m1"]),
    "measure": st.sampled_from(["Air off at night", ""]),
    "sensor": st.sampled_from(["temperature", "spindle_load", ""]),
}


def series(name: str, labels: dict[str, str]) -> str:
    return f"{name}{{{','.join(f'{label}={json.dumps(value)}' for label, value in labels.items())}}}"


def constant(value: float) -> str:
    """A series of one value; promtool's notation knows NaN and infinities by other names than Python."""
    said = {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(str(value), repr(value))
    return " ".join([said] * 6)


@st.composite
def firing_alert(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, float | None]]:
    """Series for which every alert fires once, and the value that each tells: few, many or odd facts beside."""
    given_series: dict[str, str] = {}
    values: dict[str, float | None] = {}
    of_subject = {subject: {label: draw(LABELS[label]) for label in labels} for subject, labels in IDENTITY.items()}
    for alert in ALERTS:
        labels = dict(of_subject[alert.subject])
        if alert.name == "SensorLost":
            labels["sensor"] = draw(LABELS["sensor"])
        given_series[series(alert.signal, labels)] = constant(1.0)
        value = draw(VALUES) if alert.value is not None else None
        if value is not None:
            given_series.setdefault(series(str(alert.value), of_subject[alert.subject]), constant(value))
    # Several alerts tell the same series.
    for alert in ALERTS:
        shown = given_series.get(series(str(alert.value), of_subject[alert.subject]))
        values[alert.name] = None if shown is None else float(shown.split(" ", 1)[0])
    _facts(draw, given_series, of_subject["device"]["device_id"], of_subject["disk"])
    return given_series, values


def _facts(draw: st.DrawFn, given_series: dict[str, str], device_id: str, disk: dict[str, str]) -> None:
    machine = {"device_id": device_id}
    facts = [
        *(("device_reason:failure_factor_ratio:sum", machine | {"reason": words}) for words, _ in REASONS.values()),
        *(("energytrack_device_failure_mode_ratio", machine | {"mode": mode}) for mode in ("pump_overrun", "")),
        *((f"energytrack_device_remaining_life_at_{end}_seconds", machine) for end in ("least", "most")),
        *(("energytrack_device_stop_expected_cost", machine | {"option": each}) for each in (*WORDS, "sometime", "")),
        ("disk:lasts_seconds:min", disk),
        *(("disk_part:used_bytes:max", disk | {"part": part}) for part in ("kafka", "mongo", "log")),
        ("energytrack_tariff_price_per_kwh", {"band": "day", "currency": draw(st.sampled_from(["USD", ""]))}),
    ]
    for name, labels in facts:
        value = draw(VALUES | st.floats(0, 1))
        if value is not None:
            given_series[series(name, labels)] = constant(value)


def check(alert: AlertDefinition, texts: dict[str, str], value: float | None, device_id: str) -> None:
    for part in ("summary", "description"):
        text = COMMANDS.sub("", texts[part].replace(device_id, "the machine"))
        assert not NOT_FOR_PEOPLE.search(text), (alert.name, text)
    if alert.unit is None:
        return
    is_known = value is not None and abs(value * float(SCALE[alert.unit])) < 1e17
    assert (OTHERWISE[alert.unit] in texts["summary"]) is not is_known, (value, texts["summary"])
    if value is None or not is_known:
        return
    if alert.unit == "duration":
        assert DURATION.search(texts["summary"]), (value, texts["summary"])
        return
    said = re.search(rf"(-?[\d.]+) {UNITS[alert.unit]}(?: (below|above))?", texts["summary"])
    assert said is not None, texts["summary"]
    amount = float(said[1]) * (-1 if said[2] == "below" else 1)
    assert abs(amount - value * float(SCALE[alert.unit])) <= 0.5000001 * (
        1 if amount >= 10 and alert.unit in {"percent", "watt"} else 0.1
    )
    assert (said[2] is not None) is (alert.unit in {"celsius", "pascal"})


def device_in(given_series: dict[str, str]) -> str:
    (labels,) = (name for name in given_series if name.startswith("device:failed:active"))
    return str(json.loads(labels.split("device_id=", 1)[1].split(",device_type")[0]))


def without_silencers(rule: dict[str, Any]) -> dict[str, Any]:
    """Every alert fires here at once; which one silences which is tested elsewhere."""
    data = [{**each, "model": dict(each["model"])} for each in rule["data"]]
    for each in data:
        if each["refId"] == "A":
            each["model"]["expr"] = each["model"]["expr"].partition(" unless ")[0]
    return {**rule, "data": data}


SLOW = settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.generate],  # what is drawn is short already, and each run starts promtool
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SLOW
@given(firing_alert())
def test_prometheus_says_it_in_words(drawn: tuple[dict[str, str], dict[str, float | None]]) -> None:
    given_series, values = drawn
    with TemporaryDirectory() as folder:
        shown = fired_by(IN_PROMETHEUS, given_series, at=AT, folder=Path(folder))
    for alert in ALERTS:
        (each,) = shown[alert.name]
        check(alert, each["annotations"], values[alert.name], device_in(given_series))


@SLOW
@given(firing_alert())
def test_grafana_says_it_in_words(drawn: tuple[dict[str, str], dict[str, float | None]]) -> None:
    given_series, values = drawn
    with TemporaryDirectory() as folder:
        shown = evaluate([without_silencers(rule) for rule in IN_GRAFANA], given_series, at=AT, folder=Path(folder))
    for alert in ALERTS:
        (each,) = shown[alert.name]
        check(alert, each["annotations"], values[alert.name], device_in(given_series))
