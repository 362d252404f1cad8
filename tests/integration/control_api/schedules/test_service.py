"""Runs of schedules, on a real database."""

from control_api.schedules.service import ScheduleService
from testkit.dates import at_plant
from tests.integration.control_api.calls import make_schedule
from tests.integration.control_api.conftest import ApiUnderTest


def test_a_run_orders_and_says_what_it_did(plant: ApiUnderTest) -> None:
    """In the name of the schedule and of who made it."""
    plant.says("press-0001", state="idle")
    plant.says("press-0002", state="running")
    schedule_id = make_schedule(plant).get_json()["schedule_id"]
    plant.services.schedules.run(schedule_id)
    (command,) = plant.commands()
    assert (command.device_id, command.requested_by) == ("press-0001", f"schedule:{schedule_id} of grafana:maria")
    (shown,) = plant.client.get("/api/schedules").get_json()["schedules"]
    assert shown["last_sentence"].startswith("Stops 1 machine, saves ")


def test_two_services_run_it_once(plant: ApiUnderTest) -> None:
    """The database decides who takes a run on; the next day's is another one."""
    plant.says("press-0001", state="idle")
    schedule_id = make_schedule(plant).get_json()["schedule_id"]
    service = plant.services.schedules
    twin = ScheduleService(
        schedules=service.schedules,
        changes=service.changes,
        bulk=service.bulk,
        clock=service.clock,
        plant=service.plant,
        new_id=service.new_id,
    )
    service.run(schedule_id)
    plant.answer(plant.commands()[0])
    twin.run(schedule_id)
    assert len(plant.commands()) == 1
    plant.clock.advance(24 * 3600)
    plant.says("press-0001", state="idle")
    twin.run(schedule_id)
    assert len(plant.commands()) == 2


def test_a_paused_one_does_not_run(plant: ApiUnderTest) -> None:
    """Even if its time comes just then."""
    schedule_id = make_schedule(plant).get_json()["schedule_id"]
    plant.client.post(f"/api/schedules/{schedule_id}/pause")
    plant.services.schedules.run(schedule_id)
    assert plant.commands() == []


def test_a_run_comes_at_its_time_once_and_not_much_later(plant: ApiUnderTest) -> None:
    """Not before, not for a schedule that was made after its time, and not when nobody was there to run it."""
    service = plant.services.schedules
    plant.says("press-0001", state="idle")
    plant.clock.advance((at_plant("mon", "22:14") - plant.clock.now()).total_seconds())
    make_schedule(plant)
    service.run_due()
    assert plant.commands() == []
    plant.clock.advance(61)
    plant.says("press-0001", state="idle")
    service.run_due()
    service.run_due()
    assert len(plant.commands()) == 1
    plant.answer(plant.commands()[0])
    plant.clock.advance(24 * 3600 + 16 * 60)
    plant.says("press-0001", state="idle")
    service.run_due()
    assert len(plant.commands()) == 1


def test_a_schedule_made_after_its_time_waits_for_the_next_day(plant: ApiUnderTest) -> None:
    plant.clock.advance((at_plant("mon", "22:16") - plant.clock.now()).total_seconds())
    plant.says("press-0001", state="idle")
    make_schedule(plant)
    plant.services.schedules.run_due()
    assert plant.commands() == []


def test_without_kafka_a_run_says_so(plant: ApiUnderTest) -> None:
    """And orders nothing by half."""
    plant.says("press-0001", state="idle")
    schedule_id = make_schedule(plant).get_json()["schedule_id"]
    plant.bus.away = True
    plant.services.schedules.run(schedule_id)
    (shown,) = plant.client.get("/api/schedules").get_json()["schedules"]
    assert shown["last_sentence"].startswith("Nothing was ordered: ")
