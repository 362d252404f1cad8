"""What fires decides which alarms are open, whatever was lost on the way."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from msgspec.structs import replace

from control_api.alarms.firing import Firing, read
from control_api.alarms.reconciliation import awaiting_reasons, compared, unreported
from control_api.alarms.rules import AlarmChange, notified
from control_api.alarms.service import Factors
from control_api.alarms.webhooks import NotificationRequest
from energytrack.store.operations.alarms import Alarm
from testkit.builders.alert_payloads import from_alertmanager, from_grafana
from testkit.dates import NOW, written

LIMIT: Final = timedelta(minutes=5)
MINUTE: Final = timedelta(minutes=1)
NO_FACTORS: Final[Factors] = {}
FAILS: Final = {"alertname": "FailureRiskHigh", "device_id": "cnc-0007", "device_type": "cnc_machine",
                "line": "machining-a", "severity": "critical", "team": "maintenance"}  # fmt: skip


def rules_answer(
    alerts: Iterable[dict[str, Any]], *, name: str = "FailureRiskHigh", evaluated: str = written(NOW)
) -> bytes:
    """What Prometheus answers of one rule."""
    rule = {"name": name, "type": "alerting", "health": "ok", "lastEvaluation": evaluated, "query": "x > 0",
            "alerts": list(alerts)}  # fmt: skip
    return json.dumps({"status": "success", "data": {"groups": [{"name": "alerts", "rules": [rule]}]}}).encode()


def an_alert(state: str = "firing", since: datetime = NOW, **labels: str) -> dict[str, Any]:
    return {"labels": FAILS | labels, "annotations": {"summary": "it fails"}, "state": state,
            "activeAt": written(since), "value": "8e-01"}  # fmt: skip


def sees(*alerts: dict[str, Any], **rule: Any) -> Firing:
    return read(rules_answer(alerts, **rule))


def reported(alarm: Alarm | None, payload: dict[str, Any], *, now: datetime = NOW) -> AlarmChange | None:
    (alert,) = NotificationRequest.model_validate(payload).parsed_alerts()
    return notified(alarm, alert, now=now, factors=(), entry_id="e")


def opened(payload: dict[str, Any] | None = None, *, now: datetime = NOW) -> Alarm:
    change = reported(None, payload or from_alertmanager(startsAt=written(NOW)), now=now)
    assert change is not None
    return change.alarm


def step(alarm: Alarm, firing: Firing | None, *, now: datetime, factors: Factors = NO_FACTORS) -> Alarm:
    """The alarm after a comparison."""
    change = compared(alarm, firing, factors, now=now, unconfirmed=LIMIT, new_id=lambda: "e")
    return alarm if change is None else change.alarm


def test_prometheus_and_both_senders_mean_the_same_alarm() -> None:
    (alarm_id,) = sees(an_alert()).alerts
    assert alarm_id == opened().alarm_id == opened(from_grafana()).alarm_id


def test_one_senders_end_never_ends_what_another_says_fires() -> None:
    both = reported(opened(), from_grafana(), now=NOW + MINUTE)
    assert both is not None
    after = reported(both.alarm, from_grafana("resolved"), now=NOW + 2 * MINUTE)
    assert after is not None
    assert (after.alarm.state, list(after.alarm.senders)) == ("active", ["alertmanager"])
    assert reported(after.alarm, from_grafana("resolved"), now=NOW + 3 * MINUTE) is None
    over = reported(after.alarm, from_alertmanager("resolved"), now=NOW + 4 * MINUTE)
    assert over is not None
    assert over.alarm.state == "cleared"


def test_grafanas_end_does_not_end_what_prometheus_sees() -> None:
    alarm = step(opened(from_grafana()), sees(an_alert()), now=NOW + MINUTE)
    after = reported(alarm, from_grafana("resolved"), now=NOW + 2 * MINUTE)
    assert after is not None
    assert after.alarm.state == "active"
    over = step(after.alarm, sees(), now=NOW + 3 * MINUTE)
    assert (over.state, over.cleared_because) == (
        "cleared",
        "Prometheus no longer reports it, and no other sender does",
    )


def test_alertmanagers_end_is_an_end_though_prometheus_was_asked_before() -> None:
    """It passes on what Prometheus found."""
    alarm = step(opened(), sees(an_alert()), now=NOW + MINUTE)
    over = reported(alarm, from_alertmanager("resolved"), now=NOW + 2 * MINUTE)
    assert over is not None
    assert over.alarm.state == "cleared"


def test_what_was_inhibited_and_ended_in_silence_is_cleared_with_the_reason() -> None:
    """Alertmanager sends no end of what MachineFailed inhibits."""
    alarm = step(opened(), sees(an_alert()), now=NOW + MINUTE)
    seen = step(alarm, sees(), now=NOW + 2 * MINUTE)
    assert (seen.state, seen.unseen_since) == ("active", NOW + 2 * MINUTE)
    assert step(seen, sees(), now=NOW + 5 * MINUTE).state == "active"
    over = step(seen, sees(), now=NOW + 6 * MINUTE)
    assert over.state == "cleared"
    assert "no longer reports it" in over.cleared_because


def test_a_machine_that_fails_again_while_its_alarm_is_stuck_has_two_episodes() -> None:
    """The end was lost; what begins after Prometheus saw nothing is new."""
    stuck = step(opened(), sees(), now=NOW + MINUTE)
    again = reported(stuck, from_alertmanager(startsAt=written(NOW + 2 * MINUTE)), now=NOW + 2 * MINUTE)
    assert again is not None
    assert (again.alarm.episode, again.alarm.state) == (2, "active")
    assert again.entry is not None
    assert again.entry.deed == "reopened"
    by_asking = step(stuck, sees(an_alert(since=NOW + 2 * MINUTE)), now=NOW + 3 * MINUTE)
    assert by_asking.episode == 2


def test_a_repeated_notification_of_the_same_failure_is_no_new_episode() -> None:
    seen = step(opened(), sees(), now=NOW + MINUTE)
    again = reported(seen, from_alertmanager(startsAt=written(NOW)), now=NOW + 2 * MINUTE)
    assert again is not None
    assert (again.alarm.episode, again.alarm.unseen_since) == (1, None)


@pytest.mark.parametrize(
    "firing",
    [
        None,
        sees(evaluated="0001-01-01T00:00:00Z"),
        sees(name="AnotherRule"),
        sees(an_alert("pending")),
    ],
    ids=["Prometheus is away", "it has just started", "it has no such rule", "its alert is pending after a start"],
)
def test_what_prometheus_does_not_know_ends_nothing(firing: Firing | None) -> None:
    assert step(opened(), firing, now=NOW + 10 * MINUTE).state == "active"


def test_a_rule_of_grafanas_own_ends_after_hours_without_a_word() -> None:
    """Its sender repeats it every hour."""
    alarm = opened(from_grafana())
    assert step(alarm, sees(name="AnotherRule"), now=NOW + 179 * MINUTE).state == "active"
    over = step(alarm, sees(name="AnotherRule"), now=NOW + 181 * MINUTE)
    assert over.cleared_because == "no sender has confirmed it for 3 h"


def test_a_warning_that_opened_before_its_reasons_were_stored_gets_them_within_a_minute() -> None:
    """The database was slow; the sender repeats itself only after an hour."""
    alarm, firing = opened(), sees(an_alert())
    assert awaiting_reasons([alarm], firing, now=NOW + MINUTE) == ["cnc-0007"]
    assert step(alarm, firing, now=NOW + MINUTE).factors == ()
    late = step(alarm, firing, now=NOW + MINUTE, factors={"cnc-0007": ("temperature rising",)})
    assert (late.factors, late.episode, late.opened_at) == (("temperature rising",), 1, NOW)
    assert awaiting_reasons([late], firing, now=NOW + MINUTE) == []
    kept = step(late, firing, now=NOW + 2 * MINUTE, factors={"cnc-0007": ("pressure falling",)})
    assert kept.factors == ("temperature rising",)


def test_a_new_episode_has_the_reasons_of_its_own() -> None:
    stuck = step(replace(opened(), factors=("temperature rising",)), sees(), now=NOW + MINUTE)
    firing = sees(an_alert(since=NOW + 2 * MINUTE))
    assert awaiting_reasons([stuck], firing, now=NOW + 3 * MINUTE) == ["cnc-0007"]
    again = step(stuck, firing, now=NOW + 3 * MINUTE, factors={"cnc-0007": ("pressure falling",)})
    assert (again.episode, again.factors) == (2, ("pressure falling",))


@pytest.mark.parametrize("firing", [None, sees(name="AnotherRule")], ids=["Prometheus is away", "a rule of its own"])
def test_a_warning_that_only_grafana_reports_gets_its_reasons_as_soon(firing: Firing | None) -> None:
    alarm = opened(from_grafana())
    assert awaiting_reasons([alarm], firing, now=NOW + MINUTE) == ["cnc-0007"]
    assert compared(alarm, firing, NO_FACTORS, now=NOW + MINUTE, unconfirmed=LIMIT, new_id=lambda: "e") is None
    late = step(alarm, firing, now=NOW + MINUTE, factors={"cnc-0007": ("temperature rising",)})
    assert (late.factors, late.state, late.version) == (("temperature rising",), "active", alarm.version + 1)
    assert (late.senders, late.updated_at) == (alarm.senders, alarm.updated_at), "nobody has confirmed it anew"
    kept = step(late, firing, now=NOW + 2 * MINUTE, factors={"cnc-0007": ("pressure falling",)})
    assert kept.factors == ("temperature rising",)


def test_reasons_that_come_long_after_a_senders_word_are_not_those_of_its_alarm() -> None:
    """The machine may be sound again, and the message of the end may be lost."""
    alarm = opened(from_grafana())
    assert awaiting_reasons([alarm], None, now=NOW + 6 * MINUTE) == []
    assert step(alarm, None, now=NOW + 6 * MINUTE, factors={"cnc-0007": ("temperature rising",)}).factors == ()


def test_what_prometheus_knows_to_have_ended_gets_no_reasons() -> None:
    alarm = opened(from_grafana())
    assert awaiting_reasons([alarm], sees(), now=NOW + MINUTE) == []


def test_an_alarm_of_another_rule_gets_no_reasons_later() -> None:
    """A machine was hot for an hour before the model warned: the heat was no warning of the failure."""
    hot = FAILS | {"alertname": "MachineTooHot"}
    alarm, firing = opened(from_alertmanager(labels=hot)), sees(an_alert("firing", NOW, **hot), name="MachineTooHot")
    for asked in (firing, None):
        assert awaiting_reasons([alarm], asked, now=NOW + MINUTE) == []
        assert step(alarm, asked, now=NOW + MINUTE, factors={"cnc-0007": ("temperature rising",)}).factors == ()


def test_what_fires_unreported_is_opened_unless_something_heavier_stands_for_it() -> None:
    firing = sees(an_alert(severity="warning"))
    assert list(unreported([], firing, now=NOW + MINUTE)) == []
    (alert,) = unreported([], firing, now=NOW + 3 * MINUTE)
    assert (alert.sender, alert.device_id, alert.summary) == ("prometheus", "cnc-0007", "it fails")
    failed = opened(from_alertmanager(labels=FAILS | {"alertname": "MachineFailed"}))
    assert list(unreported([failed], firing, now=NOW + 3 * MINUTE)) == []
    assert list(unreported([opened()], firing, now=NOW + 3 * MINUTE)) == []


def test_two_sensors_of_a_machine_are_two_alarms() -> None:
    temperature = opened(from_alertmanager(labels=FAILS | {"alertname": "SensorLost", "sensor": "temperature"}))
    pressure = opened(from_alertmanager(labels=FAILS | {"alertname": "SensorLost", "sensor": "pressure"}))
    assert temperature.alarm_id != pressure.alarm_id
