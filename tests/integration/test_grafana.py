"""A real Grafana takes everything that is provisioned, and pages people: its Prometheus is away from the beginning."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from local.install.programs import grafana_command
from testkit.patience import seconds_here
from testkit.stack.servers import eventually
from testkit.stand_ins.mail import mail_server
from testkit.stand_ins.webhook import Webhooks, webhooks
from tests.unit.grafana.dashboards import boards
from tools.alerts.catalogue import load

ROOT: Final = Path(__file__).resolve().parents[2]
HOME: Final = os.environ.get("GRAFANA_HOME")
PASSWORD: Final = "for-this-test-alone"  # noqa: S105  # of a server that ends with the test
TOKEN: Final = "the-alerting-token"  # noqa: S105  # of this test only

pytestmark = [
    pytest.mark.skipif(HOME is None, reason="no Grafana at hand: GRAFANA_HOME names the folder of one"),
    pytest.mark.timeout(400),
]


class Grafana:
    """A running Grafana, asked as its administrator."""

    def __init__(self, port: int, told: Webhooks, mails: list[EmailMessage]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.told = told
        """What the control API has heard."""
        self.mails = mails

    def get(self, path: str) -> Any:
        """The JSON behind a path."""
        return httpx.get(self.url + path, auth=("admin", PASSWORD), timeout=seconds_here(10)).raise_for_status().json()


@pytest.fixture(scope="module")
def grafana(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grafana]:
    home = Path(str(HOME))
    command = grafana_command(home)
    assert command is not None, f"GRAFANA_HOME={home} holds no Grafana"
    folder = tmp_path_factory.mktemp("grafana")
    provisioning = folder / "provisioning"
    shutil.copytree(ROOT / "grafana" / "provisioning", provisioning)
    shutil.copy(ROOT / "grafana" / "contacts" / "mail.yaml", provisioning / "alerting" / "contacts.yaml")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (*command, "--homepath", str(home), "--config", str(ROOT / "grafana" / "grafana.ini"))
    with webhooks(0) as told, mail_server() as (smtp, mails), (folder / "log").open("w") as log:
        env = {
            **os.environ,
            "GF_SERVER_HTTP_ADDR": "127.0.0.1",
            "GF_SERVER_HTTP_PORT": str(port),
            "GF_SERVER_ROOT_URL": "http://energy.plant.example/",
            "GF_PATHS_DATA": str(folder),
            "GF_PATHS_LOGS": str(folder),
            "GF_PATHS_PLUGINS": str(folder / "plugins"),
            "GF_PATHS_PROVISIONING": str(provisioning),
            "GF_SECURITY_ADMIN_PASSWORD": PASSWORD,
            "GF_SMTP_ENABLED": "true",
            "GF_SMTP_HOST": smtp,
            "GF_SMTP_FROM_ADDRESS": "energytrack@plant.example",
            "GF_SMTP_STARTTLS_POLICY": "NoStartTLS",
            "ENERGYTRACK_GRAFANA_DASHBOARDS": str(ROOT / "grafana" / "dashboards"),
            "ENERGYTRACK_GRAFANA_PROMETHEUS_URL": "http://127.0.0.1:9",
            "ENERGYTRACK_GRAFANA_ALERTS_URL": f"{told.url}/api/alerts",
            "ENERGYTRACK_GRAFANA_MAIL_TO": "shift@plant.example;lead@plant.example",
            "ENERGYTRACK_CONTROL_API_ALERTS_TOKEN": TOKEN,
        }
        with subprocess.Popen(command, env=env, stdout=log, stderr=log) as process:
            try:
                running = Grafana(port, told, mails)
                _wait_until_provisioned(running, process, folder / "log")
                yield running
            finally:
                process.terminate()


def _wait_until_provisioned(running: Grafana, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 180
    while True:
        try:
            if len(running.get("/api/search?type=dash-db")) >= len(boards()):
                return
        except httpx.HTTPError:
            pass
        assert process.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.5)


def test_every_dashboard_is_there_in_one_folder(grafana: Grafana) -> None:
    found = grafana.get("/api/search?type=dash-db")
    assert {each["uid"] for each in found} == {board.json["uid"] for board in boards()}
    assert {each["folderTitle"] for each in found} == {"Energy Track"}
    assert [each["title"] for each in grafana.get("/api/folders")] == ["Energy Track"]


def test_nobody_can_edit_a_dashboard_that_is_made_by_code(grafana: Grafana) -> None:
    for board in boards():
        meta = grafana.get(f"/api/dashboards/uid/{board.json['uid']}")["meta"]
        assert meta["provisioned"] is True


def test_the_data_source_is_the_one_that_dashboards_and_rules_name(grafana: Grafana) -> None:
    assert grafana.get("/api/datasources/uid/energytrack-prometheus")["url"] == "http://127.0.0.1:9"


def test_every_alert_has_its_rule(grafana: Grafana) -> None:
    rules = {rule["title"] for rule in grafana.get("/api/v1/provisioning/alert-rules")}
    assert rules == {alert.name for alert in load(ROOT / "alerts.toml").alerts} | {"PrometheusAway"}


def test_alerts_go_to_the_control_api(grafana: Grafana) -> None:
    policy = grafana.get("/api/v1/provisioning/policies")
    points = {point["name"]: point for point in grafana.get("/api/v1/provisioning/contact-points")}
    assert policy["receiver"] == "control-api"
    assert points["control-api"]["settings"]["url"] == f"{grafana.told.url}/api/alerts"


def test_a_prometheus_that_is_away_pages_by_mail_and_tells_the_control_api(grafana: Grafana) -> None:
    eventually(lambda: grafana.mails and grafana.told.taken, 240, pause=1)
    mail, told = grafana.mails[0], grafana.told.taken[0]
    assert mail["To"] == "shift@plant.example, lead@plant.example"
    assert mail["Subject"] == "Prometheus does not answer: no alert can fire"
    text = "".join(part.get_content() for part in mail.walk() if not part.is_multipart())
    assert "http://energy.plant.example/control/runbook#service-down" in text
    assert told.authorization == f"Bearer {TOKEN}"
    assert told.body["alerts"][0]["labels"]["severity"] == "critical"
