"""Alarms on file, with a real database."""

from concurrent.futures import ThreadPoolExecutor

from testkit.builders.alert_payloads import from_alertmanager, from_grafana
from tests.integration.control_api.calls import act, only_alarm, rule_says
from tests.integration.control_api.conftest import ApiUnderTest


def test_repeated_notifications_are_one_alarm(plant: ApiUnderTest) -> None:
    """However often, and from whichever sender."""
    for payload in (from_alertmanager(), from_grafana(), from_alertmanager()):
        rule_says(plant, payload)
    assert only_alarm(plant)["notifications"] == 3


def test_of_many_at_once_none_is_lost(plant: ApiUnderTest) -> None:
    """Each change builds on the one before."""
    rule_says(plant, from_alertmanager())
    alarm_id = only_alarm(plant)["alarm_id"]
    clients = [plant.signed_in("maria") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda c: c.post(f"/api/alarms/{alarm_id}/comment", json={"comment": "x"}).status_code, clients)
        )
    assert answers == [200] * 4
    assert len(plant.client.get(f"/api/alarms/{alarm_id}/log").get_json()["log"]) == 5


def test_a_snoozed_alarm_is_back_after_its_time(plant: ApiUnderTest) -> None:
    """Without anybody's doing."""
    rule_says(plant, from_alertmanager())
    assert act(plant, "snooze", minutes=30).get_json()["state"] == "snoozed"
    plant.services.alarms.reactivate_snoozed()
    assert only_alarm(plant)["state"] == "snoozed"
    plant.clock.advance(1801)
    plant.services.alarms.reactivate_snoozed()
    assert only_alarm(plant)["state"] == "active"
