"""What the control API does without being asked, in its threads, on a real database."""

import threading
from collections.abc import Iterator

import pytest

from control_api.app import attach_live
from control_api.background import Background
from control_api.threads import start_background
from energytrack.errors import StoreUnavailable
from energytrack.events import CommandResult
from energytrack.messages import encode
from energytrack.store import Store
from energytrack.topics import DEAD_LETTERS, EVENTS, READINGS
from testkit.builders.messages import a_reading
from testkit.stack.servers import eventually
from tests.integration.control_api.calls import order
from tests.integration.control_api.conftest import ApiUnderTest


@pytest.fixture
def ready(plant: ApiUnderTest) -> Iterator[threading.Event]:
    """Set once the database has answered; the threads run while a test does."""
    background, event = Background(threading.Event()), threading.Event()
    live = attach_live(plant.app, plant.services)
    start_background(background, plant.services, live, event)
    yield event
    background.end()


def test_a_machines_answer_closes_its_order(plant: ApiUnderTest, ready: threading.Event) -> None:
    """As soon as the database has answered once; somebody is waiting for it."""
    eventually(ready.is_set)
    given = order(plant.client, override=True).get_json()
    (command,) = plant.commands()
    result = CommandResult(
        event_id="e-1", device_id=command.device_id, timestamp=plant.clock.now(), command_id=command.command_id,
        action=command.action, outcome="done", state="stopped",
    )  # fmt: skip
    plant.bus.sink().put(EVENTS, command.device_id, encode(result))
    eventually(lambda: plant.client.get(f"/api/commands/{given['command_id']}").get_json()["status"] == "done")


def test_what_machines_send_is_heard_and_what_nobody_understands_is_left_to_others(
    plant: ApiUnderTest, ready: threading.Event
) -> None:
    """The live feed of each replica reads everything; who keeps messages sets them aside, once."""
    eventually(ready.is_set)
    fleet = plant.services.fleet

    def heard() -> bool:
        sink = plant.bus.sink()  # from now on: what came before its start is not for it
        sink.put(READINGS, "press-0001", b"no reading")
        sink.put(READINGS, "press-0001", encode(a_reading("press-0001", timestamp=plant.clock.now())))
        return fleet.is_silent("press-0001") is False

    eventually(heard)
    assert plant.bus.values(DEAD_LETTERS) == []


def test_an_order_that_no_machine_answers_ends(plant: ApiUnderTest, ready: threading.Event) -> None:
    """Without anybody's doing."""
    eventually(ready.is_set)
    given = order(plant.client, override=True).get_json()
    plant.clock.advance(3600)
    eventually(lambda: plant.client.get(f"/api/commands/{given['command_id']}").get_json()["status"] == "expired")


def test_a_database_that_is_away_is_reported_however_little_there_is_to_do(
    plant: ApiUnderTest, ready: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Health says so, and stops saying so when it is back."""
    eventually(ready.is_set)

    def away(_store: Store) -> None:
        raise StoreUnavailable("db.plant:27017", "away")

    def waited() -> float:
        plant.clock.advance(1)
        return plant.services.health.waiting_seconds("database")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "ping", away)
        eventually(lambda: waited() > 5, 20)
    eventually(lambda: waited() == 0, 20)
