"""One case per machine, over the API and a real database."""

from typing import Any

from testkit.builders.alert_payloads import from_alertmanager
from testkit.dates import written
from tests.integration.control_api.calls import problem, rule_says
from tests.integration.control_api.conftest import ApiUnderTest

LABELS = {"device_id": "cnc-0007", "line": "machining-a"}


def alert(plant: ApiUnderTest, rule: str, severity: str = "critical", status: str = "firing") -> None:
    now = written(plant.clock.now())
    labels = LABELS | {"alertname": rule, "severity": severity}
    rule_says(plant, from_alertmanager(status, labels=labels, startsAt=now, endsAt=now))


def the_case(plant: ApiUnderTest) -> Any:
    (case,) = plant.client.get("/api/cases").get_json()["cases"]
    return case


def test_a_failing_machine_is_one_case_from_its_warning_to_its_verdict(plant: ApiUnderTest) -> None:
    alert(plant, "FailureRiskHigh", "warning")
    plant.clock.advance(600)
    alert(plant, "MachineFailed")
    alert(plant, "FailureRiskHigh", "warning", "resolved")
    alert(plant, "PressureLost")
    case = the_case(plant)
    assert (case["case_id"], case["severity"], case["state"]) == ("cnc-0007", "critical", "active")
    assert {each["rule"] for each in case["alarms"]} == {"MachineFailed", "PressureLost"}
    assert [each["rule"] for each in case["earlier"]] == ["FailureRiskHigh"]

    taken = plant.client.post("/api/cases/cnc-0007/acknowledge", json={"comment": "on my way"}).get_json()
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", "grafana:maria")
    plant.client.post("/api/cases/cnc-0007/comment", json={"comment": "spindle is blue"})
    alert(plant, "SensorLost", "warning")
    assert the_case(plant)["state"] == "acknowledged"

    finding = {"verdict": "true_alarm", "finding": "bearing worn"}
    judged = plant.client.post("/api/cases/cnc-0007/verdict", json=finding).get_json()
    assert (judged["verdict"], judged["finding"]) == ("true_alarm", "bearing worn")
    assert {each["verdict"] for each in (*judged["alarms"], *judged["earlier"])} == {"true_alarm"}
    written_by_people = [entry["text"] for entry in judged["remarks"] if entry["deed"] != "judged"]
    assert written_by_people == ["spindle is blue", "on my way"]


def test_a_machine_without_an_open_alarm_is_no_case(plant: ApiUnderTest) -> None:
    assert plant.client.get("/api/cases").get_json() == {"cases": [], "total": 0}
    assert problem(plant.client.get("/api/cases/cnc-0007")) == (404, "unknown_alarm")
    assert problem(plant.signed_in("victor").post("/api/cases/cnc-0007/acknowledge", json={})) == (403, "not_allowed")
