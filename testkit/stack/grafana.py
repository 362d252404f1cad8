"""A real Grafana with this repository's provisioning, for tests: if GRAFANA_HOME names the folder of one."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from local.install.programs import grafana_command
from local.services.definition import ServiceDefinition
from local.services.observability import configuration_folder, prometheus_service
from local.site import ROOT, Site
from testkit.clients.http import HTTP
from testkit.patience import seconds_here
from testkit.stack.servers import free_ports
from testkit.stand_ins.exporter import SCRAPE

HOME: Final = os.environ.get("GRAFANA_HOME")
NONE_HERE: Final = "no Grafana at hand: GRAFANA_HOME names the folder of one"
"""The reason why a test is skipped."""
PASSWORD: Final = "for-this-test-alone"  # noqa: S105  # of a server that ends with the test
TOKEN: Final = "the-alerting-token"  # noqa: S105  # of this test only
ADDRESS: Final = "http://energy.plant.example/"
"""The front door's address in its links."""
START_SECONDS: Final = 180.0
GrafanaRules = dict[str, Any]


@dataclass
class GrafanaServer:
    """A running Grafana, queried as its administrator."""

    url: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, kw_only=True)

    def start(self) -> None:
        """Start it; returns when it has its dashboards."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.command, env=self.env, stdout=log, stderr=log)
        self._wait_until_provisioned(self.process)

    def kill(self) -> None:
        """Kill it at once, like a power cut."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait for that."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def _wait_until_provisioned(self, process: "subprocess.Popen[bytes]") -> None:
        committed = len(list((ROOT / "grafana" / "dashboards").glob("*.json")))
        deadline = time.monotonic() + seconds_here(START_SECONDS)
        while True:
            try:
                if len(self.get("/api/search?type=dash-db")) >= committed:
                    return
            except httpx.HTTPError:
                pass
            assert process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.5)

    def get(self, path: str) -> Any:
        """The JSON behind a path."""
        return HTTP.get(self.url + path, auth=("admin", PASSWORD), timeout=seconds_here(10)).raise_for_status().json()

    def rule_states(self) -> Mapping[str, str]:
        """The state of each alert rule, by its title: `inactive`, `pending` or `firing`."""
        groups = self.get("/api/prometheus/grafana/api/v1/rules")["data"]["groups"]
        return {rule["name"]: rule["state"] for group in groups for rule in group["rules"]}


def prometheus_alone(site: Site, target: str) -> ServiceDefinition:
    """Prometheus without rules, which scrapes one stand-in every two seconds."""
    jobs = [{**SCRAPE, "static_configs": [{"targets": [target]}]}]
    folder = configuration_folder(site)
    folder.mkdir(parents=True, exist_ok=True)
    configuration = {"global": {"scrape_interval": "2s", "scrape_timeout": "2s"}, "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    return prometheus_service(site)


@contextmanager
def grafana_running(
    folder: Path,
    *,
    prometheus: str,
    alerts: str,
    smtp: str,
    mail_to: str,
    address: str | None = ADDRESS,
    changed: Callable[[GrafanaRules], GrafanaRules] = lambda rules: rules,
) -> Iterator[GrafanaServer]:
    """Grafana with the committed dashboards, rules and contacts, which pages by mail; its state is in `folder`.

    `address` is the one in its links, None for its own; `changed` turns the committed rules into those that run.
    """
    home = Path(str(HOME))
    command = grafana_command(home)
    assert command is not None, f"GRAFANA_HOME={home} holds no Grafana"
    provisioning = folder / "provisioning"
    shutil.copytree(ROOT / "grafana" / "provisioning", provisioning)
    shutil.copy(ROOT / "grafana" / "contacts" / "mail.yaml", provisioning / "alerting" / "contacts.yaml")
    rules = provisioning / "alerting" / "rules.yaml"
    rules.write_text(
        yaml.safe_dump(changed(yaml.load(rules.read_text(encoding="utf-8"), yaml.CSafeLoader))), encoding="utf-8"
    )
    port = free_ports().grafana
    command = (*command, "--homepath", str(home), "--config", str(ROOT / "grafana" / "grafana.ini"))
    env = {
        **os.environ,
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_SERVER_ROOT_URL": address or f"http://127.0.0.1:{port}/",
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
        "ENERGYTRACK_GRAFANA_PROMETHEUS_URL": prometheus,
        "ENERGYTRACK_GRAFANA_ALERTS_URL": alerts,
        "ENERGYTRACK_GRAFANA_MAIL_TO": mail_to,
        "ENERGYTRACK_CONTROL_API_ALERTS_TOKEN": TOKEN,
    }
    running = GrafanaServer(f"http://127.0.0.1:{port}", command, env, folder / "log")
    try:
        running.start()
        yield running
    finally:
        running.stop()


def patient_for_seconds(rules: GrafanaRules) -> GrafanaRules:
    """The same rules, but they fire after ten seconds instead of up to an hour."""
    for group in rules["groups"]:
        group["interval"] = "10s"
        for rule in group["rules"]:
            rule["for"] = "0s" if rule["for"] == "0s" else "10s"
    return rules
