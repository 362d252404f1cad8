"""Alarms through the API: from the rule's word to the technician's verdict."""

from datetime import timedelta

from energytrack.machines.state import MachineState
from energytrack.messages import Factor
from testkit.builders.alert_payloads import from_alertmanager, from_grafana
from testkit.builders.messages import an_insight
from testkit.dates import written
from tests.integration.control_api.calls import act, only_alarm, problem, rule_says
from tests.integration.control_api.conftest import ApiUnderTest


def test_an_alarm_goes_from_its_rule_to_its_verdict(plant: ApiUnderTest) -> None:
    """Opened with the model's reasons, acknowledged, cleared, judged; each step is on file with who and when."""
    insight = an_insight(top_factors=(Factor("temperature_slope_15m", 0.4, "temperature rising 4.1 °C in 15 min"),))
    plant.services.store.devices.put([MachineState("cnc-0007", insight=insight)], plant.clock.now())
    assert rule_says(plant, from_alertmanager()) == {"alerts": 1, "changed": 1}
    alarm = only_alarm(plant)
    assert (alarm["state"], alarm["severity"]) == ("active", "critical")
    assert alarm["factors"] == ["temperature rising 4.1 °C in 15 min"]
    assert act(plant, "acknowledge", comment="on my way").get_json()["acknowledged_by"] == "grafana:maria"
    plant.clock.advance(3600)
    rule_says(plant, from_alertmanager("resolved", endsAt=written(plant.clock.now())))
    assert only_alarm(plant)["state"] == "cleared"
    judged = act(plant, "verdict", verdict="true_alarm", finding="bearing worn").get_json()
    assert (judged["verdict"], judged["finding"]) == ("true_alarm", "bearing worn")
    log = plant.client.get(f"/api/alarms/{alarm['alarm_id']}/log").get_json()["log"]
    assert [entry["deed"] for entry in log] == ["judged", "cleared", "acknowledged", "opened"]
    now = plant.clock.now()
    (verdict,) = plant.services.store.alarms.verdicts(since=now - timedelta(days=1), until=now + timedelta(days=1))
    assert (verdict.device_id, verdict.verdict, verdict.by) == ("cnc-0007", "true_alarm", "grafana:maria")


def test_alarms_are_found_by_what_they_are(plant: ApiUnderTest) -> None:
    """State, machine, severity, assignee; and as a table."""
    rule_says(plant, from_alertmanager())
    rule_says(plant, from_alertmanager(device_id="cnc-0008"))
    alarm_id = plant.client.get("/api/alarms?device_id=cnc-0008").get_json()["alarms"][0]["alarm_id"]
    plant.client.post(f"/api/alarms/{alarm_id}/assign", json={"assignee": "otto"})
    plant.client.post(f"/api/alarms/{alarm_id}/acknowledge", json={})

    def found(query: str) -> int:
        return int(plant.client.get(f"/api/alarms?{query}").get_json()["total"])

    asked = ("", "state=active", "state=active&state=acknowledged", "assignee=otto", "severity=info")
    assert [found(query) for query in asked] == [2, 1, 2, 1, 0]
    assert plant.client.get("/api/alarms.csv").text.count("\r\n") == 3
    assert plant.client.get("/api/alarm-log.csv").text.count("\r\n") == 5


def test_what_does_not_apply_is_said(plant: ApiUnderTest) -> None:
    """Twice acknowledged, none such, no verdict without a finding."""
    rule_says(plant, from_alertmanager())
    act(plant, "acknowledge")
    assert problem(act(plant, "acknowledge")) == (409, "alarm_over")
    assert problem(act(plant, "verdict", verdict="true_alarm")) == (422, "reason_needed")
    assert problem(plant.client.post(f"/api/alarms/{'0' * 20}/acknowledge", json={})) == (404, "unknown_alarm")


def test_a_notification_needs_a_token(plant: ApiUnderTest) -> None:
    """Its own, or an Editor's; and that one opens nothing else."""
    assert problem(plant.nobody().post("/api/alerts", json=from_grafana())) == (401, "not_signed_in")
    assert problem(plant.script("Viewer").post("/api/alerts", json=from_grafana())) == (403, "not_allowed")
    assert problem(plant.client.post("/api/alerts", json=from_grafana())) == (403, "not_allowed")
    own = {"Authorization": "Bearer the-alerting-token"}
    assert plant.nobody().post("/api/alerts", json=from_grafana(), headers=own).status_code == 200
    assert problem(plant.nobody().get("/api/devices", headers=own)) == (403, "not_allowed")


def test_a_notification_about_a_whole_plant_is_taken(plant: ApiUnderTest) -> None:
    """It is larger than any order may be."""
    payload = from_grafana()
    alert = payload["alerts"][0]
    payload["alerts"] = [alert | {"labels": alert["labels"] | {"device_id": f"cnc-{n:04d}"}} for n in range(100)]
    assert rule_says(plant, payload) == {"alerts": 100, "changed": 100}


def test_a_button_of_a_table_acknowledges_by_machine(plant: ApiUnderTest) -> None:
    """It knows the machine and the rule, not the alarm's id; twice is once, and other rules' alarms stay."""
    rule_says(plant, from_alertmanager())
    rule = only_alarm(plant)["rule"]
    other = plant.client.post("/api/alarms/acknowledge", json={"device_id": "cnc-0007", "alarm": "another rule"})
    assert problem(other) == (404, "unknown_alarm")
    body = {"device_id": "cnc-0007", "alarm": rule}
    for _ in range(2):
        given = plant.client.post("/api/alarms/acknowledge", json=body)
        assert given.status_code == 200
        (alarm,) = given.get_json()["alarms"]
        assert (alarm["state"], alarm["acknowledged_by"]) == ("acknowledged", "grafana:maria")
    log = plant.client.get(f"/api/alarms/{alarm['alarm_id']}/log").get_json()["log"]
    assert [entry["deed"] for entry in log] == ["acknowledged", "opened"]
    assert problem(plant.client.post("/api/alarms/acknowledge", json={"device_id": "cnc-0008"}))[0] == 404
    assert problem(plant.signed_in("victor").post("/api/alarms/acknowledge", json=body)) == (403, "not_allowed")
