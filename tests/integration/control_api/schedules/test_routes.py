"""Recurring orders through the API, on a real job store."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import pytest

from control_api.schedules.service import ScheduleService
from testkit.dates import PLANT_ZONE
from testkit.servers import eventually
from tests.integration.control_api.conftest import Plant
from tests.integration.control_api.orders.test_routes import problem

AT: Final = time(22, 15)
WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


@pytest.fixture(autouse=True)
def jobs(plant: Plant) -> Iterator[None]:
    """They are due by the machine's clock: where that is about to happen, it happens before the test."""
    eventually(lambda: not _is_about_to_be_due(), 90, pause=1)
    plant.services.schedules.jobs.start()
    yield
    plant.services.schedules.jobs.stop()


def _is_about_to_be_due() -> bool:
    now = datetime.now(PLANT_ZONE)
    return now.time() <= AT <= (now + timedelta(minutes=1)).time()


def make(plant: Plant, **fields: Any) -> Any:
    given: dict[str, Any] = {
        "name": "press shop at night", "action": "shutdown", "select": {"device_ids": ["press-0001", "press-0002"]},
        "days": WORKDAYS, "at": "22:15", "reason": "nobody is there",
    }  # fmt: skip
    return plant.client.post("/api/schedules", json=given | fields)


def test_a_schedule_says_when_it_runs_next_and_can_be_paused(plant: Plant) -> None:
    """In plant time, whatever the season; who did what stays on file."""
    made = make(plant)
    assert made.status_code == 201
    schedule = made.get_json()
    following = datetime.fromisoformat(schedule["next_run_at"]).astimezone(PLANT_ZONE)
    assert (f"{following:%H:%M}", following.weekday() < 5, following > datetime.now(UTC)) == ("22:15", True, True)
    path = f"/api/schedules/{schedule['schedule_id']}"
    paused = plant.client.post(f"{path}/pause").get_json()
    assert (paused["state"], paused["next_run_at"]) == ("paused", None)
    resumed = plant.client.post(f"{path}/resume").get_json()
    assert resumed["next_run_at"] == schedule["next_run_at"]
    deleted = plant.client.delete(path).get_json()
    assert [deed["deed"] for deed in deleted["log"]] == ["created", "paused", "resumed", "deleted"]
    assert {deed["by"] for deed in deleted["log"]} == {"grafana:maria"}
    assert plant.client.get("/api/schedules").get_json()["schedules"] == []
    assert "deleted" in plant.client.get("/api/schedules.csv").text
    assert problem(plant.client.post(f"{path}/resume")) == (404, "unknown_schedule")


def test_a_run_orders_and_says_what_it_did(plant: Plant) -> None:
    """In the name of the schedule and of who made it."""
    plant.says("press-0001", state="idle")
    plant.says("press-0002", state="running")
    schedule_id = make(plant).get_json()["schedule_id"]
    plant.services.schedules.run(schedule_id)
    (command,) = plant.commands()
    assert (command.device_id, command.requested_by) == ("press-0001", f"schedule:{schedule_id} of grafana:maria")
    (shown,) = plant.client.get("/api/schedules").get_json()["schedules"]
    assert shown["last_sentence"].startswith("Stops 1 machine, saves ")


def test_two_services_run_it_once(plant: Plant) -> None:
    """The database decides who takes a run on; the next day's is another one."""
    plant.says("press-0001", state="idle")
    schedule_id = make(plant).get_json()["schedule_id"]
    desk = plant.services.schedules
    twin = ScheduleService(
        schedules=desk.schedules,
        changes=desk.changes,
        batches=desk.batches,
        clock=desk.clock,
        zone=desk.zone,
        new_id=desk.new_id,
        link=desk.link,
    )
    desk.run(schedule_id)
    plant.answer(plant.commands()[0])
    twin.run(schedule_id)
    assert len(plant.commands()) == 1
    plant.clock.advance(24 * 3600)
    plant.says("press-0001", state="idle")
    twin.run(schedule_id)
    assert len(plant.commands()) == 2


def test_a_paused_one_does_not_run(plant: Plant) -> None:
    """Even if its time comes just then."""
    schedule_id = make(plant).get_json()["schedule_id"]
    plant.client.post(f"/api/schedules/{schedule_id}/pause")
    plant.services.schedules.run(schedule_id)
    assert plant.commands() == []


def test_schedules_survive_a_restart_and_hold_no_pickle(plant: Plant) -> None:
    """What is in the database are days and a time; whoever writes there runs no code here."""
    schedule = make(plant).get_json()
    plant.services.schedules.jobs.stop()
    desk = plant.services.schedules
    twin = ScheduleService(
        schedules=desk.schedules,
        changes=desk.changes,
        batches=desk.batches,
        clock=desk.clock,
        zone=desk.zone,
        new_id=desk.new_id,
        link=desk.link,
    )
    twin.jobs.start()
    following = twin.jobs.next_run(schedule["schedule_id"])
    twin.jobs.stop()
    assert following == datetime.fromisoformat(schedule["next_run_at"])
    (kept,) = desk.link.collection("schedule_jobs").find()
    assert {type(value) for value in kept.values()} <= {str, int, float}
    assert set(kept) == {"_id", "days", "hour", "minute", "next_run_time"}


def test_without_kafka_a_run_says_so(plant: Plant) -> None:
    """And orders nothing by half."""
    plant.says("press-0001", state="idle")
    schedule_id = make(plant).get_json()["schedule_id"]
    plant.bus.away = True
    plant.services.schedules.run(schedule_id)
    (shown,) = plant.client.get("/api/schedules").get_json()["schedules"]
    assert shown["last_sentence"].startswith("Nothing was ordered: ")


def test_an_idling_machine_is_proposed_a_schedule(plant: Plant) -> None:
    """Which is made by sending it back as it is."""
    proposed = plant.client.get("/api/devices/press-0001/proposal").get_json()
    assert (proposed["days"], proposed["at"]) == (WORKDAYS, "22:15")
    assert plant.client.post("/api/schedules", json=proposed).status_code == 201


@pytest.mark.parametrize(
    "wrong", [{"at": "24:00"}, {"at": "7:00"}, {"days": []}, {"days": ["monday"]}, {"select": {}}, {"name": ""}]
)
def test_a_schedule_that_does_not_fit_is_refused(plant: Plant, wrong: dict[str, Any]) -> None:
    """A time of day, days of the week, and machines by name."""
    assert problem(make(plant, **wrong)) == (422, "invalid_request")
