"""Every alert rule, fired and ended in a real Grafana: what it says to people, and where its links lead.

The rules are the committed ones, but patient for seconds instead of up to an hour. What Prometheus would record is
told by a stand-in; that the recorded signals follow what machines and services do, promtool tests (prometheus/tests).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Final

import pytest

from local.lifecycle.child import Child
from local.site import ROOT, Site
from testkit.stack.grafana import (
    ADDRESS,
    HOME,
    NONE_HERE,
    GrafanaServer,
    grafana_running,
    patient_for_seconds,
    prometheus_alone,
)
from testkit.stack.servers import eventually, site_in, started
from testkit.stand_ins.exporter import StandInExporter, a_series, exported_series
from testkit.stand_ins.mail import mail_server
from testkit.stand_ins.webhook import Webhooks, webhooks
from tools.alerts.catalogue import IDENTITY, AlertDefinition, load
from tools.alerts.reasons import RECORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ALERTS: Final = load(ROOT / "alerts.toml").alerts
MAIL_TO: Final = "shift@plant.example"
BLIND: Final = "PrometheusAway"
"""The rule of Grafana's own; it fires once its Prometheus has ended."""
PLACES: Final = {
    "device_id": "press-0007", "device_type": "hydraulic_press", "line": "press-shop", "stage": "ml_consumer",
    "topic": "factory-sensor-data", "job": "control_api", "disk": "/srv/plant", "baseline_id": "b1",
    "baseline": "Compressors", "measure_id": "m1", "measure": "Presses off at night", "sensor": "temperature",
}  # fmt: skip
"""What an alert is about, unless its case says otherwise."""
FACTORS: Final = {"temperature": 0.31, "warning codes of its controller": 0.12, "pressure": 0.004}
"""Of seven reasons, four are unknown and one is too small to be said."""
NOT_FOR_PEOPLE: Final = re.compile(r"(?i)\bnan\b|\binf\b|no value|e[+-]?1[78]|<error|%!|{{|}}|\b[a-z]+_[a-z0-9]")


@dataclass(frozen=True)
class AlertCase:
    """What is true of the world while the rule fires, and what people read."""

    said: str
    value: float | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    advice: str = ""
    """Part of the description."""


CASES: Final = {
    "MachineFailed": AlertCase(
        "press-0001 has failed", about={"device_id": "press-0001"}, advice="Secure the machine."
    ),
    "FailureRiskCritical": AlertCase(
        "press-0002 is about to fail: 98 %",
        0.9767,
        {"device_id": "press-0002"},
        "Main reasons: temperature, warning codes of its controller. Inspect it now.",
    ),
    "FailureRiskHigh": AlertCase(
        "press-0003 is at risk of failing: 71 %",
        0.7149,
        {"device_id": "press-0003"},
        "Main reasons: temperature, warning codes of its controller. Inspect the machine within 24 hours.",
    ),
    "MachineTooHot": AlertCase(
        "press-0004 is too hot: 3.3 °C above the limit of its type", 3.34, {"device_id": "press-0004"}
    ),
    "PressureLost": AlertCase(
        "press-0005 is running without pressure: 0.24 bar below the minimum of its type",
        -24000.0,
        {"device_id": "press-0005"},
    ),
    "DeviceSilent": AlertCase("press-0006 has not reported for 4 min", 250.0, {"device_id": "press-0006"}),
    "SilentAtRisk": AlertCase(
        "press-0008 was at risk and has not reported for 2 min", 125.0, {"device_id": "press-0008"}
    ),
    "SensorLost": AlertCase("press-0009 has lost its temperature sensor", about={"device_id": "press-0009"}),
    "IdleBetweenShifts": AlertCase(
        "press-0010 is idling outside the shifts of press-shop and draws 4.20 kW", 4200.0, {"device_id": "press-0010"}
    ),
    "PeakDemand": AlertCase("New peak demand: 812 kW over a quarter of an hour", 812_000.0),
    "PeakAhead": AlertCase("This quarter hour will be a new peak: 845 kW", 845_300.0),
    "EnergyAboveBaseline": AlertCase(
        "Compressors has used 8.2 % more energy in the last week than its baseline expects", 0.0817
    ),
    "MeasureBroken": AlertCase("The measure Presses off at night is no longer kept"),
    "NothingArrives": AlertCase("No readings arrive"),
    "ServiceDown": AlertCase("control api does not answer"),
    "StageStopped": AlertCase(
        "ml-consumer has processed nothing for 1 min, although readings arrive", 90.0, {"stage": "ml-consumer"}
    ),
    "PipelineLag": AlertCase("Panels and predictions are 1 min behind (topic factory-sensor-data)", 75.0),
    "ScoringStopped": AlertCase("Most machines have no prediction"),
    "ModelStale": AlertCase("The model is more than 45 days old"),
    "ModelRefused": AlertCase("A model file was refused"),
    "ModelsDiffer": AlertCase("Machines are scored by different models"),
    "ModelDrifting": AlertCase("The plant has changed since the model was trained"),
    "RetrainingFails": AlertCase("Retraining fails"),
    "DeadLetters": AlertCase("historian receives messages that it cannot parse", about={"stage": "historian"}),
    "BatchSetAside": AlertCase("exporters skipped messages that cannot be decoded", about={"stage": "exporters"}),
    "DatabaseAway": AlertCase("historian cannot reach the database", about={"job": "historian"}),
    "CentreAway": AlertCase("Nothing reaches the centre"),
    "MirrorBehind": AlertCase("The centre has lacked readings for 12 min", 750.0),
    "RulesFail": AlertCase("Prometheus cannot evaluate some of its rules"),
    "DiskFilling": AlertCase("The disk /srv/plant is filling up: 12 % free", 0.1234, advice="it will be full in 7 h."),
    "DiskFull": AlertCase(
        "The disk /srv/broker is nearly full: 4.2 % free, services have paused", 0.0421, {"disk": "/srv/broker"}
    ),
}


def test_every_rule_has_a_case() -> None:
    assert CASES.keys() == {alert.name for alert in ALERTS}


def rounds() -> list[list[AlertDefinition]]:
    """All alerts, so that of those that fire together none silences another."""
    found: list[list[AlertDefinition]] = []
    for alert in ALERTS:
        for together in found:
            if not any(alert.name in each.silences_all or each.name in alert.silences_all for each in together):
                together.append(alert)
                break
        else:
            found.append([alert])
    return found


@dataclass(frozen=True)
class Alerting:
    """Grafana and its Prometheus, what the latter records, and who is notified of what."""

    site: Site
    grafana: GrafanaServer
    prometheus: Child
    recorded: StandInExporter
    webhook: Webhooks
    mails: list[EmailMessage]
    until_the_end: ExitStack
    """What runs as long as the tests of this file."""

    def received(self, name: str, status: str) -> list[dict[str, Any]]:
        """What the control API received about a rule: that it fires, or that it is `resolved`."""
        alerts = [alert for each in tuple(self.webhook.taken) for alert in each.body["alerts"]]
        return [alert for alert in alerts if alert["labels"]["alertname"] == name and alert["status"] == status]

    def all_received(self, names: Iterable[str], status: str) -> bool:
        return all(self.received(name, status) for name in names)

    def firing(self) -> set[str]:
        """The rules that Grafana itself calls firing."""
        return {name for name, state in self.grafana.rule_states().items() if state == "firing"}


@pytest.fixture(scope="module")
def alerting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alerting]:
    if HOME is None:
        pytest.skip(NONE_HERE)
    folder = tmp_path_factory.mktemp("alerts")
    site = site_in(folder)
    state = folder / "grafana"
    state.mkdir()
    with (
        exported_series() as recorded,
        webhooks(0) as received,
        mail_server() as (smtp, mails),
        ExitStack() as until_the_end,
        started(prometheus_alone(site, recorded.address), site) as prometheus,
        grafana_running(
            state,
            prometheus=site.url(site.ports.prometheus, ""),
            alerts=f"{received.url}/api/alerts",
            smtp=smtp,
            mail_to=MAIL_TO,
            changed=patient_for_seconds,
        ) as grafana,
    ):
        yield Alerting(site, grafana, prometheus, recorded, received, mails, until_the_end)


def conditions(alert: AlertDefinition) -> dict[str, float]:
    """The series while it fires."""
    case = CASES[alert.name]
    names = (*IDENTITY[alert.subject], *(("sensor",) if "{sensor}" in alert.summary else ()))
    about = {label: {**PLACES, **case.about}[label] for label in names}
    made = {a_series(alert.signal, about): 1.0}
    if alert.value is not None and case.value is not None:
        made[a_series(alert.value, about)] = case.value
    if alert.factors:
        made |= {a_series(RECORD, {**about, "reason": words}): share for words, share in FACTORS.items()}
    if alert.name == "DiskFilling":
        made[a_series("disk:lasts_seconds:min", about)] = 7 * 3600.0
    return made


@pytest.mark.parametrize("number", range(len(rounds())))
def test_rules_fire_say_what_is_wrong_and_end(alerting: Alerting, number: int) -> None:
    together = rounds()[number]
    names = {alert.name for alert in together}
    alerting.recorded.series = {series: value for alert in together for series, value in conditions(alert).items()}
    eventually(lambda: alerting.all_received(names, "firing") and names <= alerting.firing(), 90, pause=1)
    for alert in together:
        (first, *_) = alerting.received(alert.name, "firing")
        assert first["labels"]["severity"] == alert.severity
        _read(first["annotations"], alert)
        uid = f"energytrack-{alert.dashboard}"
        assert alerting.grafana.get(f"/api/dashboards/uid/{uid}")["dashboard"]["uid"] == uid
    assert alerting.firing() == names, "others, which no condition fires"
    assert [name for name in names if alerting.received(name, "resolved")] == []
    alerting.recorded.series = dict.fromkeys(alerting.recorded.series, 0.0)
    eventually(lambda: alerting.all_received(names, "resolved") and not alerting.firing(), 120, pause=1)
    _read_mails(alerting, names)
    # Grafana logs it if it cannot fill in a text, also of a rule without any data, at each evaluation.
    log = (alerting.site.var / "grafana" / "log").read_text(encoding="utf-8")
    assert [line for line in log.splitlines() if "expanding template" in line] == []


def _read(notes: Mapping[str, str], alert: AlertDefinition) -> None:
    """As a person does: the sentence, what to do, and each link."""
    case = CASES[alert.name]
    assert notes["summary"] == case.said
    assert case.advice in notes["description"]
    assert alert.action in notes["description"]
    for text in (notes["summary"], notes["description"]):
        assert not NOT_FOR_PEOPLE.search(text), text
    machine = {**PLACES, **case.about}["device_id"]
    expected = {
        "dashboard_url": f"d/energytrack-{alert.dashboard}{f'?var-device={machine}' * (alert.dashboard == 'device')}",
        "runbook_url": f"control/runbook#{alert.anchor}",
    }
    if alert.subject == "device":
        expected["device_url"] = f"control/devices/{machine}"
    assert {name: url.removeprefix(ADDRESS) for name, url in notes.items() if name.endswith("_url")} == expected


def _read_mails(alerting: Alerting, names: set[str]) -> None:
    """Who is paged by mail reads the same sentence."""
    # Before Grafana has taken its contacts, it writes to the one that it comes with.
    texts = [_text(mail) for mail in alerting.mails if mail["To"] == MAIL_TO]
    assert "MachineFailed" not in names or CASES["MachineFailed"].said in "\n".join(texts)
    for text in texts:
        assert not NOT_FOR_PEOPLE.search(re.sub(r"https?://\S+", "", text)), text


def _text(mail: EmailMessage) -> str:
    """What a mail says, its subject first."""
    parts = [part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain"]
    return "\n".join([str(mail["Subject"]), *parts])


def test_a_prometheus_that_ended_is_reported_until_it_is_back(alerting: Alerting) -> None:
    """And nothing else is said to be wrong."""
    before = len(alerting.webhook.taken)
    alerting.prometheus.kill()
    eventually(lambda: alerting.received(BLIND, "firing"), 90, pause=1)
    (first, *_) = alerting.received(BLIND, "firing")
    assert first["annotations"]["summary"] == "Prometheus does not answer: no alert can fire"
    since = [alert for each in alerting.webhook.taken[before:] for alert in each.body["alerts"]]
    assert {alert["labels"]["alertname"] for alert in since if alert["status"] == "firing"} == {BLIND}
    alerting.until_the_end.enter_context(
        started(prometheus_alone(alerting.site, alerting.recorded.address), alerting.site)
    )
    eventually(lambda: alerting.received(BLIND, "resolved") and not alerting.firing(), 120, pause=1)
