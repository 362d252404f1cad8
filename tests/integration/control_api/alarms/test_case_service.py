"""What people do to all alarms of a case at once, on a real database."""

import pytest

from control_api.alarms.cases import Case
from control_api.auth.identity import Actor
from control_api.http.problems import Problem
from testkit.builders.alert_payloads import from_alertmanager
from testkit.dates import written
from tests.integration.control_api.calls import rule_says
from tests.integration.control_api.conftest import ApiUnderTest

MARIA = Actor("grafana:maria", "Editor", "192.0.2.7")
BEN = Actor("grafana:ben", "Editor", "192.0.2.8")


def alert(plant: ApiUnderTest, rule: str, severity: str = "critical", status: str = "firing") -> None:
    now = written(plant.clock.now())
    labels = {"device_id": "cnc-0007", "line": "machining-a", "alertname": rule, "severity": severity}
    rule_says(plant, from_alertmanager(status, labels=labels, startsAt=now, endsAt=now))


def said(plant: ApiUnderTest, case: Case) -> list[str]:
    return [entry.text for entry in plant.services.cases.remarks([case])[case.case_id]]


def test_one_click_takes_care_of_all_that_waits_and_leaves_the_rest(plant: ApiUnderTest) -> None:
    """What somebody else took before stays theirs, and the comment is kept once."""
    alert(plant, "PressureLost", "warning")
    cases = plant.services.cases
    cases.acknowledge("cnc-0007", BEN, comment="")
    alert(plant, "MachineFailed")
    alert(plant, "Overheating")
    case = cases.acknowledge("cnc-0007", MARIA, comment="on my way")
    assert {alarm.rule: alarm.acknowledged_by for alarm in case.alarms} == {
        "MachineFailed": MARIA.subject, "Overheating": MARIA.subject, "PressureLost": BEN.subject,
    }  # fmt: skip
    assert said(plant, case) == ["on my way"]
    assert cases.acknowledge("cnc-0007", BEN, comment="me too").acknowledged_by == MARIA.subject


def test_a_case_is_assigned_as_a_whole(plant: ApiUnderTest) -> None:
    alert(plant, "MachineFailed")
    alert(plant, "PressureLost", "warning")
    case = plant.services.cases.assign("cnc-0007", MARIA, assignee="ben", comment="your machine")
    assert {alarm.assignee for alarm in case.alarms} == {"ben"}
    assert said(plant, case) == ["your machine"]


def test_a_verdict_is_about_what_led_to_the_failure_too_but_overrules_nobody(plant: ApiUnderTest) -> None:
    """A warning that ended an hour ago and was judged then keeps its verdict; one nobody judged gets this one."""
    services = plant.services
    alert(plant, "FailureRiskHigh", "warning")
    services.cases.judge("cnc-0007", BEN, verdict="false_alarm", finding="nothing")
    alert(plant, "FailureRiskHigh", "warning", "resolved")
    alert(plant, "PressureLost", "warning")
    alert(plant, "PressureLost", "warning", "resolved")
    plant.clock.advance(3600)
    alert(plant, "MachineFailed")
    case = services.cases.judge("cnc-0007", MARIA, verdict="true_alarm", finding="bearing worn")
    assert {alarm.rule: alarm.verdict for alarm in (*case.alarms, *case.earlier)} == {
        "MachineFailed": "true_alarm", "PressureLost": "true_alarm", "FailureRiskHigh": "false_alarm",
    }  # fmt: skip


def test_an_alarm_that_ends_meanwhile_is_no_error_of_whoever_clicks(
    plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list that a person clicked on is a moment old."""
    alert(plant, "MachineFailed")
    alert(plant, "PressureLost", "warning")
    cases = plant.services.cases
    before = cases.get("cnc-0007")
    alert(plant, "PressureLost", "warning", "resolved")
    now = cases.get("cnc-0007")
    states = iter([before, now])
    monkeypatch.setattr(type(cases), "get", lambda _self, _case_id: next(states))
    case = cases.acknowledge("cnc-0007", MARIA, comment="")
    assert case is now
    assert plant.services.store.alarms.get(now.alarms[0].alarm_id).acknowledged_by == MARIA.subject  # type: ignore[union-attr]


def test_what_ended_more_than_a_day_ago_is_history(plant: ApiUnderTest) -> None:
    alert(plant, "PressureLost", "warning")
    alert(plant, "PressureLost", "warning", "resolved")
    plant.clock.advance(25 * 3600)
    with pytest.raises(Problem, match="no open alarm"):
        plant.services.cases.get("cnc-0007")
    alert(plant, "MachineFailed")
    assert plant.services.cases.get("cnc-0007").earlier == ()
