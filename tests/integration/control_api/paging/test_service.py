"""Escalation on a real database: replicas, restarts, channels that fail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta

import pytest
from msgspec import structs
from prometheus_client import CollectorRegistry

from control_api.http.problems import Problem
from control_api.paging.channels import Channels
from control_api.paging.service import PagingService
from energytrack.contract.calendar import WEEKDAYS, DayWindow
from energytrack.contract.duty import Duty, DutyRules, WeeklyWatch
from testkit.builders.alert_payloads import from_alertmanager
from testkit.dates import PLANT_ZONE, at_plant, written
from testkit.stand_ins.webhook import Webhooks, webhooks
from tests.integration.control_api.calls import rule_says
from tests.integration.control_api.conftest import ApiUnderTest

ALL_DAY = DayWindow(WEEKDAYS, time(0), time(0))
RULES = DutyRules(watches=(WeeklyWatch("maria", (ALL_DAY,)),), escalate_to=("anna",))


@pytest.fixture
def phones() -> Iterator[Webhooks]:
    with webhooks(0) as received:
        yield received


def a_replica(plant: ApiUnderTest, phones: Webhooks, rules: DutyRules = RULES, **addresses: str) -> PagingService:
    at = phones.url.removeprefix("http://")
    channels = {"maria": [f"json://{at}/maria"], "anna": [f"json://{at}/anna"]} | {
        who: [url] for who, url in addresses.items()
    }
    return replace(
        plant.services.paging,
        duty=Duty(rules, PLANT_ZONE),
        channels=Channels(channels),
        registry=CollectorRegistry(),
    )


def alert(plant: ApiUnderTest, status: str = "firing", device_id: str = "cnc-0007") -> None:
    now = written(plant.clock.now())
    labels = {"device_id": device_id, "line": "machining-a", "alertname": "MachineFailed", "severity": "critical"}
    rule_says(plant, from_alertmanager(status, device_id, labels=labels, startsAt=now, endsAt=now))


def run(*replicas: PagingService) -> None:
    for replica in replicas:
        replica.escalate()
    for replica in replicas:
        replica.send()


def paged(phones: Webhooks) -> list[tuple[str, str]]:
    """Who got which subject, in order."""
    return [(each.path.removeprefix("/"), each.body["title"]) for each in phones.taken]


FAILED = "Critical: cnc-0007 is likely to fail within 24 hours"


def test_two_replicas_page_once_and_escalate_until_somebody_acknowledges(plant: ApiUnderTest, phones: Webhooks) -> None:
    """The second is new at each step, as after a restart."""
    alert(plant)
    run(a_replica(plant, phones), a_replica(plant, phones))
    assert paged(phones) == [("maria", FAILED)]
    plant.clock.advance(599)
    run(a_replica(plant, phones), a_replica(plant, phones))
    assert len(phones.taken) == 1
    plant.clock.advance(1)
    run(a_replica(plant, phones), a_replica(plant, phones))
    assert paged(phones)[1:] == [("anna", FAILED)]
    assert "maria did not acknowledge it." in phones.taken[1].body["message"]
    plant.client.post("/api/cases/cnc-0007/acknowledge", json={})
    plant.clock.advance(7200)
    run(a_replica(plant, phones), a_replica(plant, phones))
    assert len(phones.taken) == 2
    alert(plant, "resolved")
    run(a_replica(plant, phones), a_replica(plant, phones))
    assert sorted(paged(phones)[2:]) == [("anna", "Resolved: cnc-0007"), ("maria", "Resolved: cnc-0007")]
    assert plant.services.store.pages.escalations() == {}


def test_a_second_episode_pages_again(plant: ApiUnderTest, phones: Webhooks) -> None:
    replica = a_replica(plant, phones)
    for _ in range(2):
        alert(plant)
        run(replica)
        plant.clock.advance(400)
        alert(plant, "resolved")
        run(replica)
        plant.clock.advance(3600)
    assert [subject for _, subject in paged(phones)] == [FAILED, "Resolved: cnc-0007"] * 2


def test_a_replica_that_dies_between_filing_and_sending_loses_nothing(plant: ApiUnderTest, phones: Webhooks) -> None:
    """Neither before it claims a page nor after."""
    alert(plant)
    a_replica(plant, phones).escalate()
    claimed = plant.services.store.pages.claim("the dead one", now=plant.clock.now(), lease=timedelta(minutes=2))
    assert [page.who for page in claimed] == ["maria"]
    other = a_replica(plant, phones)
    run(other)
    assert phones.taken == []
    plant.clock.advance(121)
    run(other)
    assert paged(phones) == [("maria", FAILED)]


def test_a_replica_that_dies_while_filing_is_repeated_without_a_second_page(
    plant: ApiUnderTest, phones: Webhooks
) -> None:
    """The page was filed, the escalation was not."""
    alert(plant)
    replica = a_replica(plant, phones)
    replica.escalate()
    pages = plant.services.store.pages
    (escalation,) = pages.escalations().values()
    assert pages.put_escalation(None, before=escalation)
    run(a_replica(plant, phones))
    assert paged(phones) == [("maria", FAILED)]


def test_somebody_who_cannot_be_reached_is_no_reason_to_wait(plant: ApiUnderTest, phones: Webhooks) -> None:
    """The next is paged at once, and the first is tried on."""
    alert(plant)
    replica = a_replica(plant, phones, maria="json://127.0.0.1:9/x?cto=1")
    run(replica)
    for _ in range(2):
        plant.clock.advance(15)
        run(replica)
    run(replica)
    assert paged(phones) == [("anna", FAILED)]
    (to_maria,) = [page for page in plant.services.store.pages.latest(limit=9) if page.who == "maria"]
    assert (to_maria.status, to_maria.attempts, to_maria.problem) == ("waiting", 3, "json did not take it")


def test_many_machines_at_once_are_one_message(plant: ApiUnderTest, phones: Webhooks) -> None:
    for number in range(1, 4):
        alert(plant, device_id=f"cnc-000{number}")
    run(a_replica(plant, phones))
    assert len(phones.taken) == 1
    assert phones.taken[0].body["title"].startswith("3 messages: Critical: cnc-000")


def test_last_weeks_noise_is_reported_once_on_monday(plant: ApiUnderTest, phones: Webhooks) -> None:
    alert(plant)
    plant.client.post("/api/cases/cnc-0007/acknowledge", json={})
    plant.clock.advance((at_plant("mon", "07:00", weeks=1) - plant.clock.now()).total_seconds())
    rules = structs.replace(RULES, report_to=("anna",))
    run(a_replica(plant, phones, rules), a_replica(plant, phones, rules))
    reports = [each for each in phones.taken if each.body["title"].startswith("Alarms from")]
    assert [each.path for each in reports] == ["/anna"]
    assert "Machine failed: 1 alarm on 1 machine" in reports[0].body["message"]


def test_a_test_page_arrives_and_nobody_without_a_channel_gets_one(plant: ApiUnderTest, phones: Webhooks) -> None:
    replica = a_replica(plant, phones)
    replica.test("anna")
    run(replica)
    assert paged(phones) == [("anna", "Test page")]
    with pytest.raises(Problem, match="otto has no channel"):
        replica.test("otto")


def test_without_a_rota_nobody_is_paged(plant: ApiUnderTest) -> None:
    alert(plant)
    run(plant.services.paging)
    assert plant.services.store.pages.latest(limit=9) == []
