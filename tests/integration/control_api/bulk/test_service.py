"""Orders to many machines, with a real database."""

from typing import Any

from tests.integration.control_api.calls import bulk, order, problem, three_idle
from tests.integration.control_api.conftest import Plant


def test_what_a_batch_stopped_is_restarted(plant: Plant) -> None:
    """Those that it stopped, once."""
    three_idle(plant)
    select = {"device_ids": ["press-0001", "press-0002", "press-0004"]}
    response = bulk(plant, select=select, dry_run=False)
    assert response.status_code == 202
    batch = response.json["batch_id"]
    assert {each["status"] for each in response.json["commands"]} == {"sent"}
    for command in plant.commands():
        plant.answer(command, outcome="done" if command.device_id == "press-0001" else "refused")
    plant.says("press-0001", state="stopped")
    undone = plant.client.post(f"/api/commands/{batch}/undo", json={"reason": "needed after all"}).get_json()
    assert undone["sentence"] == "Restarts 1 machine."
    assert [(each["device_id"], each["undoes"]) for each in undone["commands"]] == [("press-0001", batch)]
    again = plant.client.post(f"/api/commands/{batch}/undo", json={"reason": "twice"}).get_json()
    assert again["commands"] == []
    exported = plant.client.get(f"/api/commands.csv?batch_id={batch}")
    assert exported.content_type.startswith("text/csv")
    assert exported.text.count("\r\n") == 3


def test_only_a_shutdown_is_undone(plant: Plant) -> None:
    """And only one that there was."""
    given: Any = order(plant.client, "restart").json
    body = {"reason": "oops"}
    assert problem(plant.client.post(f"/api/commands/{given['command_id']}/undo", json=body)) == (409, "not_undoable")
    assert problem(plant.client.post("/api/commands/none/undo", json=body)) == (404, "unknown_order")


def test_without_kafka_no_machine_of_a_batch_stays_half_done(plant: Plant) -> None:
    """All of its orders are closed."""
    three_idle(plant)
    plant.bus.away = True
    select = {"device_ids": ["press-0001", "press-0002"]}
    assert problem(bulk(plant, select=select, dry_run=False)) == (503, "kafka_away")
    statuses = [each["status"] for each in plant.client.get("/api/commands").get_json()["commands"]]
    assert statuses == ["failed", "failed"]
