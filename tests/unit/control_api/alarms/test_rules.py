from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from control_api.alarms import rules
from control_api.alarms.rules import AlarmChange, notified
from control_api.alarms.webhooks import NotificationRequest
from control_api.auth.identity import Actor
from energytrack.store.operations.alarms import Alarm
from testkit.builders.alert_payloads import from_alertmanager, from_grafana
from testkit.builders.messages import NOW
from testkit.dates import written

MARIA = Actor("grafana:maria", "Editor", "192.0.2.7")
LATER = NOW + timedelta(hours=1)


def after(alarm: Alarm | None, payload: dict[str, Any], *, now: Any = NOW) -> AlarmChange | None:
    (alert,) = NotificationRequest.model_validate(payload).parsed_alerts()
    return notified(alarm, alert, now=now, factors=("temperature rising",), entry_id="e")


def opened(**alert: Any) -> Alarm:
    step = after(None, from_alertmanager(**alert))
    assert step is not None
    return step.alarm


@pytest.mark.parametrize("payload", [from_alertmanager(), from_grafana()])
def test_both_senders_open_the_same_alarm(payload: dict[str, Any]) -> None:
    """One per machine and rule, whoever evaluates the rule."""
    step = after(None, payload)
    assert step is not None
    assert step.entry is not None
    alarm = step.alarm
    assert (alarm.rule, alarm.device_id, alarm.severity, alarm.state) == (
        "FailureRiskHigh",
        "cnc-0007",
        "critical",
        "active",
    )
    assert alarm.alarm_id == opened().alarm_id
    assert alarm.factors == ("temperature rising",)
    assert step.entry.deed == "opened"


def test_a_rule_that_goes_on_firing_updates_its_alarm() -> None:
    """What people did stays."""
    acknowledged = rules.acknowledged(opened(), by=MARIA, now=NOW, text="", entry_id="e")
    assert acknowledged is not None
    again = after(acknowledged.alarm, from_alertmanager(annotations={"summary": "worse"}), now=LATER)
    assert again is not None
    assert (again.alarm.state, again.alarm.summary, again.alarm.notifications) == ("acknowledged", "worse", 2)
    assert again.entry is None


def test_reasons_that_were_not_stored_yet_come_with_a_later_report() -> None:
    """An alarm may be faster than the model's reasons; those that it has stay."""
    late = after(replace(opened(), factors=()), from_alertmanager(), now=LATER)
    assert late is not None
    assert late.alarm.factors == ("temperature rising",)
    kept = after(replace(opened(), factors=("pressure falling",)), from_alertmanager(), now=LATER)
    assert kept is not None
    assert kept.alarm.factors == ("pressure falling",)


def test_what_the_model_says_later_is_no_reason_of_another_rules_alarm() -> None:
    """It opened before the model warned, and would count as the warning."""
    hot = {"alertname": "MachineTooHot", "device_id": "cnc-0007", "severity": "warning"}
    again = after(replace(opened(labels=hot), factors=()), from_alertmanager(labels=hot), now=LATER)
    assert again is not None
    assert (again.alarm.notifications, again.alarm.factors) == (2, ())


def test_a_cleared_alarm_reopens_as_a_new_episode() -> None:
    """Without the verdict and the acknowledgement of the last one."""
    judged = rules.judged(opened(), by=MARIA, now=NOW, verdict="true_alarm", finding="bearing", entry_id="e").alarm
    cleared = after(judged, from_alertmanager("resolved"), now=LATER)
    assert cleared is not None
    assert (cleared.alarm.state, cleared.alarm.verdict) == ("cleared", "true_alarm")
    again = after(cleared.alarm, from_alertmanager(), now=LATER)
    assert again is not None
    assert (again.alarm.state, again.alarm.episode, again.alarm.verdict) == ("active", 2, None)
    assert again.entry is not None
    assert again.entry.deed == "reopened"


def test_the_end_of_an_earlier_episode_comes_too_late() -> None:
    """As does the end of an alarm that nobody knows."""
    assert after(opened(), from_alertmanager("resolved", endsAt=written(NOW - timedelta(hours=1)))) is None
    assert after(None, from_alertmanager("resolved")) is None


def test_an_alarm_is_acknowledged_once() -> None:
    """And not when it is over."""
    step = rules.acknowledged(opened(), by=MARIA, now=NOW, text="on my way", entry_id="e")
    assert step is not None
    assert step.entry is not None
    assert (step.alarm.acknowledged_by, step.entry.text, step.entry.address) == (
        "grafana:maria",
        "on my way",
        "192.0.2.7",
    )
    assert rules.acknowledged(step.alarm, by=MARIA, now=NOW, text="", entry_id="e") is None


def test_a_snoozed_alarm_comes_back_by_itself() -> None:
    """Unless its rule ended meanwhile."""
    step = rules.snoozed(opened(), by=MARIA, now=NOW, until=LATER, text="", entry_id="e")
    assert step is not None
    assert rules.woken(step.alarm, now=NOW, entry_id="e") is None
    woken = rules.woken(step.alarm, now=LATER, entry_id="e")
    assert woken is not None
    assert woken.alarm.state == "active"
    cleared = after(step.alarm, from_alertmanager("resolved"), now=LATER)
    assert cleared is not None
    assert rules.woken(cleared.alarm, now=LATER, entry_id="e") is None


def test_every_change_counts_up() -> None:
    """So that of two at once none is lost."""
    alarm = opened()
    assert rules.commented(alarm, by=MARIA, now=NOW, text="x", entry_id="e").alarm.version == alarm.version + 1
    assert rules.assigned(alarm, by=MARIA, now=NOW, assignee="otto", text="", entry_id="e").alarm.assignee == "otto"
