"""Open orders that need attention, with a real database."""

from datetime import timedelta
from typing import Any

from testkit.builders.control import a_lock, an_order
from tests.integration.control_api.calls import order
from tests.integration.control_api.conftest import ApiUnderTest


def test_an_order_that_nobody_answers_expires(plant: ApiUnderTest) -> None:
    """After its own time and the time for an answer; a late answer still corrects it."""
    given: Any = order(plant.client).json
    plant.clock.advance(85)
    plant.services.pending_orders.sweep()
    assert plant.client.get(f"/api/commands/{given['command_id']}").get_json()["status"] == "sent"
    plant.clock.advance(10)
    plant.services.pending_orders.sweep()
    assert plant.client.get(f"/api/commands/{given['command_id']}").get_json()["status"] == "expired"
    plant.answer(plant.commands()[0])
    assert plant.client.get(f"/api/commands/{given['command_id']}").get_json()["status"] == "done"


def test_an_order_left_behind_by_a_service_that_died_is_sent(plant: ApiUnderTest) -> None:
    """While it still holds; a restart of a machine that was locked since is refused."""
    now = plant.clock.now()
    times = {"requested_at": now, "expires_at": now + timedelta(minutes=1)}
    plant.services.store.commands.add(an_order("press-0001", command_id="1", **times))
    plant.services.store.commands.add(an_order("press-0002", command_id="2", action="restart", **times))
    plant.services.store.locks.add(a_lock("press-0002"))
    plant.services.pending_orders.sweep()
    assert plant.commands() == []
    plant.clock.advance(20)
    plant.services.pending_orders.sweep()
    assert [command.command_id for command in plant.commands()] == ["1"]
    statuses = {each["command_id"]: each["status"] for each in plant.client.get("/api/commands").get_json()["commands"]}
    assert statuses == {"1": "sent", "2": "refused"}
