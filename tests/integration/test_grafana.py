"""A real Grafana takes everything that is provisioned: data source, dashboards in their folder, rules, contacts."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from local.programs import grafana_command
from tests.unit.grafana.dashboards import boards
from tools.alerts.catalogue import load

ROOT: Final = Path(__file__).resolve().parents[2]
HOME: Final = os.environ.get("GRAFANA_HOME")
PASSWORD: Final = "for-this-test-alone"  # noqa: S105  # of a server that ends with the test

pytestmark = [
    pytest.mark.skipif(HOME is None, reason="no Grafana at hand: GRAFANA_HOME names the folder of one"),
    pytest.mark.timeout(240),
]


class Grafana:
    """A running Grafana, asked as its administrator."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> Any:
        """The JSON behind a path."""
        return httpx.get(self.url + path, auth=("admin", PASSWORD), timeout=10).raise_for_status().json()


@pytest.fixture(scope="module")
def grafana(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grafana]:
    home = Path(str(HOME))
    command = grafana_command(home)
    assert command is not None, f"GRAFANA_HOME={home} holds no Grafana"
    folder = tmp_path_factory.mktemp("grafana")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_PATHS_DATA": str(folder),
        "GF_PATHS_LOGS": str(folder),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(ROOT / "grafana" / "provisioning"),
        "GF_SECURITY_ADMIN_PASSWORD": PASSWORD,
        "ENERGYTRACK_GRAFANA_DASHBOARDS": str(ROOT / "grafana" / "dashboards"),
        "ENERGYTRACK_GRAFANA_PROMETHEUS_URL": "http://127.0.0.1:9",
        "ENERGYTRACK_GRAFANA_ALERTS_URL": "http://127.0.0.1:9/api/alerts",
        "ENERGYTRACK_CONTROL_API_ALERTS_TOKEN": "none",
    }
    command = (*command, "--homepath", str(home), "--config", str(ROOT / "grafana" / "grafana.ini"))
    with (folder / "log").open("w") as log, subprocess.Popen(command, env=env, stdout=log, stderr=log) as process:
        try:
            running = Grafana(port)
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
    assert points["control-api"]["settings"]["url"] == "http://127.0.0.1:9/api/alerts"
