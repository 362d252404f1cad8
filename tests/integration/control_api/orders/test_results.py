"""Machines' answers to orders, with a real database."""

from datetime import timedelta
from typing import Any

from tests.integration.control_api.calls import order
from tests.integration.control_api.conftest import ApiUnderTest


def test_an_order_travels_to_the_machine_and_its_answer_back(plant: ApiUnderTest) -> None:
    """Stored, sent, answered; each step can be read back."""
    plant.says("press-0001", state="idle")
    response = order(plant.client)
    assert response.status_code == 202
    given = response.json
    assert given is not None
    assert (given["status"], given["action"], given["requested_by"]) == ("sent", "shutdown", "grafana:maria")
    (command,) = plant.commands()
    assert (command.command_id, command.device_id, command.reason) == (given["command_id"], "press-0001", "overheating")
    assert command.expires_at - command.requested_at == timedelta(seconds=60)

    shown: Any = plant.client.get("/api/devices/press-0001").json
    assert shown["open_order"]["command_id"] == given["command_id"]

    plant.clock.advance(2)
    plant.answer(command, detail="ramped down")
    shown = plant.client.get(response.headers["Location"]).json
    assert (shown["status"], shown["device_state"], shown["detail"]) == ("done", "stopped", "ramped down")
    shown = plant.client.get("/api/devices/press-0001").json
    assert shown["open_order"] is None
