"""What a live page gets when it connects, from a real database."""

from typing import Any

from control_api.live.snapshots import CLEARED_FOR, FOLLOWS, ORDERS, snapshots
from energytrack.store.operations.changes import KINDS
from testkit.builders.alert_payloads import from_alertmanager
from testkit.builders.control import a_lock, an_order
from testkit.dates import written
from tests.integration.control_api.calls import make_schedule, rule_says
from tests.integration.control_api.conftest import ApiUnderTest


def current(plant: ApiUnderTest, kind: str) -> Any:
    services = plant.services
    return snapshots(services.store, services.schedules, services.cases, services.paging, plant.clock)[kind]()  # type: ignore[index]


def rule(plant: ApiUnderTest, name: str, status: str) -> None:
    now = written(plant.clock.now())
    labels = {"device_id": "cnc-0007", "alertname": name, "severity": "warning"}
    rule_says(plant, from_alertmanager(status, labels=labels, startsAt=now, endsAt=now))


def test_there_is_one_for_every_kind_of_change(plant: ApiUnderTest) -> None:
    """Of a plant in which nothing has happened, each is empty."""
    services = plant.services
    names = set(snapshots(services.store, services.schedules, services.cases, services.paging, plant.clock))
    assert names == {*KINDS, *FOLLOWS}
    assert {name: current(plant, name) for name in names - {"duty"}} == {name: [] for name in names - {"duty"}}
    assert current(plant, "duty")["configured"] is False


def test_orders_are_the_newest_only(plant: ApiUnderTest) -> None:
    """A page needs no more, and a plant has years of them."""
    for number in range(ORDERS + 3):
        order = an_order(command_id=f"{number:026d}", status="done", requested_at=plant.clock.now())
        plant.services.store.commands.add(order)
    shown = current(plant, "orders")
    assert len(shown) == ORDERS
    assert shown[0]["command_id"] == f"{ORDERS + 2:026d}"


def test_locks_are_those_that_are_held(plant: ApiUnderTest) -> None:
    locks = plant.services.store.locks
    locks.add(a_lock("cnc-0007", lock_id="01A"))
    locks.add(a_lock("cnc-0008", lock_id="01B"))
    locks.release("01A", by="grafana:maria", role="Editor", at=plant.clock.now(), reason=None)
    assert [lock["device_id"] for lock in current(plant, "locks")] == ["cnc-0008"]


def test_an_alarm_that_ended_stays_on_the_page_for_a_day(plant: ApiUnderTest) -> None:
    """Whoever comes back from lunch sees that it is over."""
    rule(plant, "PressureLost", "firing")
    rule(plant, "FailureRiskHigh", "firing")
    rule(plant, "PressureLost", "resolved")
    assert {alarm["rule"]: alarm["state"] for alarm in current(plant, "alarms")} == {
        "FailureRiskHigh": "active", "PressureLost": "cleared",
    }  # fmt: skip
    plant.clock.advance(CLEARED_FOR.total_seconds() + 1)
    assert [alarm["rule"] for alarm in current(plant, "alarms")] == ["FailureRiskHigh"]


def test_schedules_come_with_their_next_run_and_all_is_plain_json(plant: ApiUnderTest) -> None:
    assert make_schedule(plant).status_code == 201
    (schedule,) = current(plant, "schedules")
    assert schedule["name"] == "press shop at night"
    assert isinstance(schedule["next_run_at"], str)
