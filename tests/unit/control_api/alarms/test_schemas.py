"""Alarms in requests and answers."""

import pytest
from pydantic import ValidationError

from control_api.alarms.schemas import AlarmPath, AlarmsQuery, SnoozeRequest, VerdictRequest, alarm_response
from energytrack.store.operations.alarms import AlarmFilter
from testkit.builders.control import an_alarm
from testkit.dates import NOW


def test_what_is_asked_for_is_what_is_looked_for() -> None:
    query = AlarmsQuery.model_validate(
        {"state": ["active", "snoozed"], "device_id": "cnc-0007", "severity": "critical"}
    )
    assert query.filter() == AlarmFilter(states=("active", "snoozed"), device_id="cnc-0007", severity="critical")
    assert AlarmsQuery().filter() == AlarmFilter()


@pytest.mark.parametrize("alarm_id", ["", "cnc-0007", "0" * 19, "0" * 21, "g" * 20, "../../etc/passwd00000"])
def test_an_alarms_id_is_a_hash(alarm_id: str) -> None:
    with pytest.raises(ValidationError):
        AlarmPath.model_validate({"alarm_id": alarm_id})


@pytest.mark.parametrize(("minutes", "fits"), [(0, False), (1, True), (10_080, True), (10_081, False)])
def test_an_alarm_is_put_off_for_a_week_at_most(minutes: int, fits: bool) -> None:
    if fits:
        assert SnoozeRequest(minutes=minutes).minutes == minutes
    else:
        with pytest.raises(ValidationError, match="minutes"):
            SnoozeRequest(minutes=minutes)


def test_a_verdict_needs_what_was_found() -> None:
    """Spaces are no finding: the next model learns from it."""
    with pytest.raises(ValidationError, match="finding"):
        VerdictRequest.model_validate({"verdict": "true_alarm", "finding": "  "})


def test_an_answer_has_the_senders_in_one_order_and_the_reasons_as_they_are() -> None:
    """A set has none, and pages compare answers."""
    alarm = an_alarm(factors=("too hot", "warned"), senders={"prometheus": NOW, "alertmanager": NOW, "grafana": NOW})
    answer = alarm_response(alarm)
    assert answer.senders == ["alertmanager", "grafana", "prometheus"]
    assert answer.factors == ["too hot", "warned"]
    assert (answer.rule, answer.device_id, answer.state) == (alarm.rule, alarm.device_id, alarm.state)
