"""A real Grafana takes everything that is provisioned, and pages people: its Prometheus is away from the beginning."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

import pytest

from local.site import ROOT
from testkit.stack.grafana import HOME, NONE_HERE, TOKEN, GrafanaServer, grafana_running
from testkit.stack.servers import eventually
from testkit.stand_ins.mail import mail_server
from testkit.stand_ins.webhook import Webhooks, webhooks
from tests.unit.grafana.dashboards import boards
from tools.alerts.catalogue import load

NOWHERE: Final = "http://127.0.0.1:9"

pytestmark = [pytest.mark.skipif(HOME is None, reason=NONE_HERE), pytest.mark.timeout(400)]


@dataclass
class AlertingGrafana(GrafanaServer):
    """Grafana, what the control API has received from it, and the mails."""

    received: Webhooks
    mails: list[EmailMessage]


@pytest.fixture(scope="module")
def grafana(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertingGrafana]:
    with (
        webhooks(0) as received,
        mail_server() as (smtp, mails),
        grafana_running(
            tmp_path_factory.mktemp("grafana"),
            prometheus=NOWHERE,
            alerts=f"{received.url}/api/alerts",
            smtp=smtp,
            mail_to="shift@plant.example;lead@plant.example",
        ) as running,
    ):
        yield AlertingGrafana(running.url, running.command, running.env, running.log, received, mails)


def test_every_dashboard_is_there_in_one_folder(grafana: AlertingGrafana) -> None:
    found = grafana.get("/api/search?type=dash-db")
    assert {each["uid"] for each in found} == {board.json["uid"] for board in boards()}
    assert {each["folderTitle"] for each in found} == {"Energy Track"}
    assert [each["title"] for each in grafana.get("/api/folders")] == ["Energy Track"]


def test_nobody_can_edit_a_dashboard_that_is_made_by_code(grafana: AlertingGrafana) -> None:
    for board in boards():
        meta = grafana.get(f"/api/dashboards/uid/{board.json['uid']}")["meta"]
        assert meta["provisioned"] is True


def test_the_data_source_is_the_one_that_dashboards_and_rules_name(grafana: AlertingGrafana) -> None:
    assert grafana.get("/api/datasources/uid/energytrack-prometheus")["url"] == NOWHERE


def test_every_alert_has_its_rule(grafana: AlertingGrafana) -> None:
    rules = {rule["title"] for rule in grafana.get("/api/v1/provisioning/alert-rules")}
    assert rules == {alert.name for alert in load(ROOT / "alerts.toml").alerts} | {"PrometheusAway"}


def test_alerts_go_to_the_control_api(grafana: AlertingGrafana) -> None:
    policy = grafana.get("/api/v1/provisioning/policies")
    points = {point["name"]: point for point in grafana.get("/api/v1/provisioning/contact-points")}
    assert policy["receiver"] == "control-api"
    assert points["control-api"]["settings"]["url"] == f"{grafana.received.url}/api/alerts"


def test_a_prometheus_that_is_away_pages_by_mail_and_tells_the_control_api(grafana: AlertingGrafana) -> None:
    eventually(lambda: grafana.mails and grafana.received.taken, 240, pause=1)
    mail, received = grafana.mails[0], grafana.received.taken[0]
    assert mail["To"] == "shift@plant.example, lead@plant.example"
    assert mail["Subject"] == "Prometheus does not answer: no alert can fire"
    text = "".join(part.get_content() for part in mail.walk() if not part.is_multipart())
    assert "http://energy.plant.example/control/runbook#service-down" in text
    assert received.authorization == f"Bearer {TOKEN}"
    assert received.body["alerts"][0]["labels"]["severity"] == "critical"
