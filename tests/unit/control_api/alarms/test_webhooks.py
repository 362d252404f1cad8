from typing import Any

import pytest

from control_api.alarms.rules import Alert, alarm_id
from control_api.alarms.webhooks import NotificationRequest
from testkit.builders.alert_payloads import from_alertmanager, from_grafana
from testkit.dates import NOW, written


def the_alert(payload: dict[str, Any]) -> Alert:
    (alert,) = NotificationRequest.model_validate(payload).parsed_alerts()
    return alert


@pytest.mark.parametrize("payload", [from_alertmanager(), from_grafana()])
def test_both_senders_are_read_the_same(payload: dict[str, Any]) -> None:
    """The fields that Grafana adds change nothing."""
    alert = the_alert(payload)
    assert (alert.rule, alert.device_id, alert.severity, alert.firing) == (
        "FailureRiskHigh",
        "cnc-0007",
        "critical",
        True,
    )


def test_an_alert_that_fires_has_not_ended() -> None:
    """Alertmanager dates that end to the year 1."""
    assert the_alert(from_alertmanager(endsAt="0001-01-01T00:00:00Z")).ended_at is None
    assert the_alert(from_alertmanager("resolved", endsAt=written(NOW))).ended_at is not None


def test_an_alert_that_is_not_about_a_machine_is_distinguished_by_its_labels() -> None:
    """Two stages of the pipeline that stop are two alarms; an unknown severity is a warning."""
    labels = {"alertname": "StageStopped", "severity": "nonsense"}
    first = the_alert(from_alertmanager(labels=labels | {"stage": "historian"}))
    second = the_alert(from_alertmanager(labels=labels | {"stage": "ml_consumer"}))
    assert alarm_id(first) != alarm_id(second)
    assert (first.device_id, first.severity) == (None, "warning")


def test_an_alert_of_one_plant_of_several_is_the_same_from_both_senders() -> None:
    """Prometheus adds the plant's name to what it sends, Grafana does not: it distinguishes nothing here."""
    labels = {"alertname": "Backlog", "severity": "warning", "group": "historian"}
    named = the_alert(from_alertmanager(labels=labels | {"plant": "plant-a"}))
    plain = the_alert(from_grafana(labels=labels | {"grafana_folder": "Energy Track"}))
    assert alarm_id(named) == alarm_id(plain)
    assert named.subject == "group=historian"


def test_a_link_is_an_address_or_nothing() -> None:
    """What an annotation says becomes a link on a page: no script may hide in it."""
    alert = the_alert(
        from_alertmanager(annotations={"runbook_url": "javascript:alert(1)"}, generatorURL="data:text/html,x")
    )
    assert alert.links == {}
