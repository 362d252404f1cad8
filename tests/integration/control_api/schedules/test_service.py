"""Runs of schedules, on a real job store."""

from datetime import datetime

from control_api.schedules.service import ScheduleService
from tests.integration.control_api.calls import make_schedule
from tests.integration.control_api.conftest import Plant


def test_a_run_orders_and_says_what_it_did(plant: Plant) -> None:
    """In the name of the schedule and of who made it."""
    plant.says("press-0001", state="idle")
    plant.says("press-0002", state="running")
    schedule_id = make_schedule(plant).get_json()["schedule_id"]
    plant.services.schedules.run(schedule_id)
    (command,) = plant.commands()
    assert (command.device_id, command.requested_by) == ("press-0001", f"schedule:{schedule_id} of grafana:maria")
    (shown,) = plant.client.get("/api/schedules").get_json()["schedules"]
    assert shown["last_sentence"].startswith("Stops 1 machine, saves ")


def test_two_services_run_it_once(plant: Plant) -> None:
    """The database decides who takes a run on; the next day's is another one."""
    plant.says("press-0001", state="idle")
    schedule_id = make_schedule(plant).get_json()["schedule_id"]
    desk = plant.services.schedules
    twin = ScheduleService(
        schedules=desk.schedules,
        changes=desk.changes,
        bulk=desk.bulk,
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
    schedule_id = make_schedule(plant).get_json()["schedule_id"]
    plant.client.post(f"/api/schedules/{schedule_id}/pause")
    plant.services.schedules.run(schedule_id)
    assert plant.commands() == []


def test_schedules_survive_a_restart_and_hold_no_pickle(plant: Plant) -> None:
    """What is in the database are days and a time; whoever writes there runs no code here."""
    schedule = make_schedule(plant).get_json()
    plant.services.schedules.jobs.stop()
    desk = plant.services.schedules
    twin = ScheduleService(
        schedules=desk.schedules,
        changes=desk.changes,
        bulk=desk.bulk,
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
    schedule_id = make_schedule(plant).get_json()["schedule_id"]
    plant.bus.away = True
    plant.services.schedules.run(schedule_id)
    (shown,) = plant.client.get("/api/schedules").get_json()["schedules"]
    assert shown["last_sentence"].startswith("Nothing was ordered: ")
