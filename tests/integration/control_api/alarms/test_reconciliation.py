"""The list of alarms against what fires: on a real database, and with what a real Prometheus says."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from control_api.alarms.firing import PrometheusRules
from control_api.alarms.reconciliation import Reconciliation
from energytrack.machines.state import MachineState
from energytrack.messages import Factor
from testkit.builders.alert_payloads import from_alertmanager, from_grafana
from testkit.builders.messages import an_insight
from testkit.dates import written
from testkit.stack.servers import eventually, prometheus_running, site_in
from tests.integration.control_api.calls import act, only_alarm, rule_says
from tests.integration.control_api.conftest import ApiUnderTest
from tools.alerts.catalogue import load

RULE = "FailureRiskHigh"
LABELS = {"alertname": RULE, "device_id": "cnc-0007", "line": "machining-a", "severity": "critical"}


class RulesStandIn:
    """What Prometheus answers; a status other than 200 while it is away."""

    def __init__(self, plant: ApiUnderTest) -> None:
        self.plant = plant
        self.fires = True
        self.since = plant.clock.now()
        self.away = False
        asked = PrometheusRules("http://prometheus", transport=httpx.MockTransport(self._answer))
        self.reconciliation = Reconciliation(plant.services.alarms, asked, timedelta(minutes=5))

    def after(self, seconds: float) -> None:
        """Compare once more, so much later."""
        self.plant.clock.advance(seconds)
        self.reconciliation.run()

    def _answer(self, _: httpx.Request) -> httpx.Response:
        if self.away:
            return httpx.Response(503)
        alert = {"labels": LABELS, "annotations": {"summary": "it fails"}, "state": "firing",
                 "activeAt": written(self.since), "value": "1"}  # fmt: skip
        rule = {"name": RULE, "type": "alerting", "health": "ok", "lastEvaluation": written(self.plant.clock.now()),
                "alerts": [alert] if self.fires else []}  # fmt: skip
        return httpx.Response(200, content=json.dumps({"data": {"groups": [{"rules": [rule]}]}}))


def notification(plant: ApiUnderTest, status: str = "firing") -> dict[str, Any]:
    return from_alertmanager(status, startsAt=written(plant.clock.now()), endsAt=written(plant.clock.now()))


def test_what_ends_in_silence_is_cleared_with_the_reason_and_opens_again(plant: ApiUnderTest) -> None:
    """Its end was held back: the machine had failed, was repaired, and fails again."""
    rules = RulesStandIn(plant)
    rule_says(plant, notification(plant))
    rules.after(30)
    assert only_alarm(plant)["senders"] == ["alertmanager", "prometheus"]
    rules.fires = False
    for _ in range(10):
        rules.after(30)
    alarm = only_alarm(plant)
    assert alarm["state"] == "cleared"
    assert "no longer reports it" in alarm["cleared_because"]
    log = plant.client.get(f"/api/alarms/{alarm['alarm_id']}/log").get_json()["log"]
    assert (log[0]["deed"], log[0]["text"]) == ("cleared", alarm["cleared_because"])
    rule_says(plant, notification(plant))
    assert (only_alarm(plant)["state"], only_alarm(plant)["episode"]) == ("active", 2)


def test_grafanas_false_end_leaves_the_alarm_to_be_acknowledged(plant: ApiUnderTest) -> None:
    rules = RulesStandIn(plant)
    rule_says(plant, from_grafana(startsAt=written(plant.clock.now())))
    rules.after(30)
    rule_says(plant, from_grafana("resolved", endsAt=written(plant.clock.now())))
    assert act(plant, "acknowledge").get_json()["state"] == "acknowledged"


def test_while_prometheus_is_away_nothing_ends(plant: ApiUnderTest) -> None:
    rules = RulesStandIn(plant)
    rule_says(plant, notification(plant))
    rules.away = True
    rules.after(7200)
    assert only_alarm(plant)["state"] == "active"


def test_what_fired_while_the_service_was_down_is_there_after_its_start(plant: ApiUnderTest) -> None:
    rules = RulesStandIn(plant)
    rules.after(30)
    assert plant.client.get("/api/alarms").get_json()["total"] == 0
    rules.after(120)
    assert (only_alarm(plant)["state"], only_alarm(plant)["senders"]) == ("active", ["prometheus"])
    rules.fires = False
    rules.after(30)
    assert only_alarm(plant)["state"] == "cleared"


def test_reasons_that_were_stored_after_the_alarm_come_with_the_next_comparison(plant: ApiUnderTest) -> None:
    """The database was slow; the sender repeats itself only after an hour."""
    rules = RulesStandIn(plant)
    rule_says(plant, notification(plant))
    rules.after(30)
    assert only_alarm(plant)["factors"] == []
    insight = an_insight(top_factors=(Factor("temperature_slope_15m", 0.4, "temperature rising 4.1 °C in 15 min"),))
    plant.services.store.devices.put([MachineState("cnc-0007", insight=insight)], plant.clock.now())
    rules.after(30)
    assert only_alarm(plant)["factors"] == ["temperature rising 4.1 °C in 15 min"]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_real_prometheus_says_what_its_rules_see(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    asked = PrometheusRules(site.url(site.ports.prometheus, ""))
    with prometheus_running(site, []), closing(asked):
        wanted = {alert.name for alert in load(Path("alerts.toml")).alerts}
        eventually(lambda: asked.firing().rules == wanted, 60, pause=1)
