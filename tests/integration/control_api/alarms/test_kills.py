"""kill -9 of each part of the alarms' way, while an alarm begins, while it is inhibited and while it ends.

Real Prometheus, Alertmanager, database and control API, with the committed rules, but patient for seconds.
What Prometheus would record, a stand-in exports.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml

from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import TOPICS
from local.lifecycle.child import Child
from local.services.definition import ServiceDefinition
from local.services.observability import (
    alertmanager_service,
    configuration_folder,
    prepare_prometheus,
    prometheus_service,
)
from local.services.secrets import ALERTS_TOKEN
from local.site import ROOT, Site
from testkit.clients.http import HTTP
from testkit.patience import seconds_here
from testkit.stack.control_service import an_editor, control_api_service
from testkit.stack.grafana import (
    HOME,
    NONE_HERE,
    TOKEN,
    GrafanaServer,
    grafana_running,
    patient_for_seconds,
)
from testkit.stack.servers import eventually, site_in
from testkit.stand_ins.exporter import SCRAPE, StandInExporter, a_series, exported_series
from testkit.stand_ins.mail import mail_server
from tests.integration.control_api.conftest import Names

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MACHINE: Final = {"device_id": "press-0007", "device_type": "press", "line": "press-shop"}
AT_RISK: Final = a_series("device:failure_risk_high:active", MACHINE)
FAILED: Final = a_series("device:failed:active", MACHINE)
LOOK_AGAIN_SECONDS: Final = 180.0
"""Two reconciliations, and the minute without a word before the second one ends an alarm."""


@dataclass
class Way:
    """What an alarm passes on its way to people."""

    recorded: StandInExporter
    prometheus: str
    api: httpx.Client
    kill: Mapping[str, Callable[[], None]]
    """By the part's name."""
    start: Mapping[str, Callable[[], None]]

    def seen_by_prometheus(self) -> set[str]:
        """Names of the rules that fire."""
        alerts = HTTP.get(f"{self.prometheus}/api/v1/alerts", timeout=seconds_here(10)).json()["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def alarms(self) -> dict[str, tuple[str, int]]:
        """State and episode of each alarm, by its rule."""
        listed = self.api.get("/api/alarms").raise_for_status().json()["alarms"]
        assert len({alarm["rule"] for alarm in listed}) == len(listed), "one alarm twice"
        return {alarm["rule"]: (alarm["state"], alarm["episode"]) for alarm in listed}

    def awaited(self, expected: Mapping[str, tuple[str, int]], seconds: float = LOOK_AGAIN_SECONDS) -> None:
        """These alarms and no others."""

        def are_there() -> bool:
            try:
                assert self.alarms() == expected
            except httpx.TransportError as error:
                raise AssertionError("the control API does not answer") from error
            return True

        eventually(are_there, seconds, pause=0.5)

    def senders(self, rule: str) -> list[str]:
        """Who confirms an alarm now."""
        (alarm,) = (each for each in self.api.get("/api/alarms").json()["alarms"] if each["rule"] == rule)
        confirming: list[str] = alarm["senders"]
        return confirming

    def deeds(self, rule: str) -> list[str]:
        """What became of an alarm, the first first."""
        (alarm,) = (each for each in self.api.get("/api/alarms").json()["alarms"] if each["rule"] == rule)
        log = self.api.get(f"/api/alarms/{alarm['alarm_id']}/log").raise_for_status().json()["log"]
        return [entry["deed"] for entry in reversed(log)]


def alerts_alone(site: Site, exporter: str) -> None:
    """Prometheus' committed alert rules, worked out each second on what the stand-in exports."""
    folder = configuration_folder(site)
    configuration: dict[str, Any] = yaml.load((folder / "prometheus.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    configuration["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    configuration["scrape_configs"] = [{**SCRAPE, "static_configs": [{"targets": [exporter]}]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    groups = yaml.load((ROOT / "prometheus" / "rules" / "alerts.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)[
        "groups"
    ]
    (alerts,) = (group for group in groups if group["name"] == "alerts")
    alerts["interval"] = "1s"
    for rule in alerts["rules"]:
        rule["for"] = "2s"
    rules = folder / "rules"
    rules.unlink()
    rules.mkdir()
    (rules / "alerts.yml").write_text(yaml.safe_dump({"groups": [alerts]}), encoding="utf-8")


def quick_alertmanager(site: Site) -> None:
    """It tells of a group after a second instead of fifteen."""
    file = configuration_folder(site) / "alertmanager.yml"
    configuration: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    configuration["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    file.write_text(yaml.safe_dump(configuration), encoding="utf-8")


class Part:
    """A process that is killed and started again."""

    def __init__(self, service: ServiceDefinition, site: Site) -> None:
        self.service, self.site = service, site
        self.child: Child | None = None

    def start(self) -> None:
        self.child = Child(self.service, self.site)
        self.child.wait_until_ready(deadline=seconds_here(60))

    def kill(self) -> None:
        if self.child is not None:
            self.child.kill()


@contextmanager
def paging_grafana(folder: Path, prometheus: str, alerts: str) -> Iterator[GrafanaServer]:
    """Grafana on the committed rules, but patient for seconds."""
    folder.mkdir()
    with (
        mail_server() as (smtp, _),
        grafana_running(
            folder,
            prometheus=prometheus,
            alerts=alerts,
            smtp=smtp,
            mail_to="shift@plant.example",
            changed=patient_for_seconds,
        ) as running,
    ):
        yield running


def way(names: Names, folder: Path, stack: ExitStack, *, grafana: bool = False) -> Way:
    """All parts, started; Grafana pages instead of Alertmanager, if wanted."""
    open_bus(KafkaSettings.from_env(names), "test").create_topics(TOPICS)
    site = site_in(folder)
    api = site.url(site.ports.control_api, "")
    prometheus = site.url(site.ports.prometheus, "")
    recorded = stack.enter_context(exported_series())
    manager = alertmanager_service(site)
    prepare_prometheus(site, [] if grafana else [manager])
    alerts_alone(site, recorded.address)
    quick_alertmanager(site)
    env = names | {
        ALERTS_TOKEN: TOKEN,
        "ENERGYTRACK_CONTROL_API_PROMETHEUS_URL": prometheus,
        "ENERGYTRACK_CONTROL_API_UNCONFIRMED_SECONDS": "60",
    }
    services = {
        "control_api": control_api_service(site, env),
        "prometheus": prometheus_service(site),
        **({} if grafana else {"alertmanager": manager}),
    }
    parts: dict[str, Part | GrafanaServer] = {name: Part(service, site) for name, service in services.items()}
    for part in parts.values():
        stack.callback(part.kill)
        part.start()
    if grafana:
        parts["grafana"] = stack.enter_context(
            paging_grafana(folder / "grafana-state", prometheus, f"{api}/api/alerts")
        )
    kill = {name: part.kill for name, part in parts.items()}
    start = {name: part.start for name, part in parts.items()}
    return Way(recorded, prometheus, stack.enter_context(an_editor(names, api)), kill, start)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize("killed", ["prometheus", "alertmanager", "control_api"])
def test_an_alarm_begins_ends_and_begins_anew_whatever_is_killed(
    names: Names, tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    """None is lost, none stays open, none ends while its condition holds, and a second failure is a second episode."""
    monkeypatch.setenv(ALERTS_TOKEN, TOKEN)
    alarms = way(names, tmp_path, stack)
    rules_of = alarms.seen_by_prometheus
    # It begins.
    alarms.recorded.series = {AT_RISK: 1.0, FAILED: 0.0}
    eventually(lambda: rules_of() == {"FailureRiskHigh"}, 30, pause=0.2)
    alarms.kill[killed]()
    alarms.start[killed]()
    alarms.awaited({"FailureRiskHigh": ("active", 1)})
    # It is inhibited, and ends where nobody tells of it.
    alarms.recorded.series = {AT_RISK: 1.0, FAILED: 1.0}
    alarms.awaited({"FailureRiskHigh": ("active", 1), "MachineFailed": ("active", 1)})
    alarms.kill[killed]()
    alarms.recorded.series = {AT_RISK: 0.0, FAILED: 1.0}
    alarms.start[killed]()
    alarms.awaited({"FailureRiskHigh": ("cleared", 1), "MachineFailed": ("active", 1)})
    # The failure ends.
    alarms.recorded.series = {AT_RISK: 0.0, FAILED: 0.0}
    eventually(lambda: rules_of() == set(), 30, pause=0.2)
    alarms.kill[killed]()
    alarms.start[killed]()
    alarms.awaited({"FailureRiskHigh": ("cleared", 1), "MachineFailed": ("cleared", 1)})
    # The machine fails again.
    alarms.recorded.series = {AT_RISK: 0.0, FAILED: 1.0}
    alarms.awaited({"FailureRiskHigh": ("cleared", 1), "MachineFailed": ("active", 2)})
    assert alarms.deeds("FailureRiskHigh") == ["opened", "cleared"]
    assert alarms.deeds("MachineFailed") == ["opened", "cleared", "reopened"]


@pytest.mark.skipif(HOME is None, reason=NONE_HERE)
@pytest.mark.timeout(900)
def test_an_alarm_begins_ends_and_begins_anew_although_grafana_is_killed(
    names: Names, tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own rules page, and it is killed before it has reported the failure, and before it has reported the end."""
    monkeypatch.setenv(ALERTS_TOKEN, TOKEN)
    alarms = way(names, tmp_path, stack, grafana=True)
    # The failure begins.
    alarms.recorded.series = {FAILED: 1.0}
    eventually(lambda: alarms.seen_by_prometheus() == {"MachineFailed"}, 30, pause=0.2)
    alarms.kill["grafana"]()
    alarms.start["grafana"]()
    alarms.awaited({"MachineFailed": ("active", 1)})
    eventually(lambda: "grafana" in alarms.senders("MachineFailed"), LOOK_AGAIN_SECONDS, pause=0.5)
    # It ends.
    alarms.recorded.series = {FAILED: 0.0}
    alarms.kill["grafana"]()
    alarms.start["grafana"]()
    alarms.awaited({"MachineFailed": ("cleared", 1)})
    # The machine fails again.
    alarms.recorded.series = {FAILED: 1.0}
    alarms.awaited({"MachineFailed": ("active", 2)})
    eventually(lambda: "grafana" in alarms.senders("MachineFailed"), LOOK_AGAIN_SECONDS, pause=0.5)
    assert alarms.deeds("MachineFailed") == ["opened", "cleared", "reopened"]
