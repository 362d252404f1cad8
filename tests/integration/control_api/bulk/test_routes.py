"""Orders to many machines, and their undoing."""

from typing import Any

from tests.integration.control_api.conftest import Plant
from tests.integration.control_api.orders.test_routes import order, problem


def bulk(plant: Plant, **fields: Any) -> Any:
    given: dict[str, Any] = {"action": "shutdown", "select": {"line": "press-shop"}, "reason": "night"}
    return plant.client.post("/api/bulk", json=given | fields)


def three_idle(plant: Plant) -> None:
    for number in (1, 2, 3):
        plant.says(f"press-000{number}", state="idle", current=14.0)
    plant.says("press-0004", state="running")


def test_a_dry_run_says_what_would_happen_and_does_nothing(plant: Plant) -> None:
    """It is what happens unless one says otherwise."""
    three_idle(plant)
    given = bulk(plant, select={"device_ids": ["press-0001", "press-0002", "press-0003", "press-0004"]}).json
    assert given["sentence"] == "Stops 3 machines, saves 24.1 kW; 1 is in mid-cycle and is skipped."
    assert (given["dry_run"], given["batch_id"], plant.commands()) == (True, None, [])


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


def test_a_bulk_order_names_its_machines(plant: Plant) -> None:
    """Never all of them by leaving something out."""
    assert problem(bulk(plant, select={})) == (422, "invalid_request")


def test_without_kafka_no_machine_of_a_batch_stays_half_done(plant: Plant) -> None:
    """All of its orders are closed."""
    three_idle(plant)
    plant.bus.away = True
    select = {"device_ids": ["press-0001", "press-0002"]}
    assert problem(bulk(plant, select=select, dry_run=False)) == (503, "kafka_away")
    statuses = [each["status"] for each in plant.client.get("/api/commands").get_json()["commands"]]
    assert statuses == ["failed", "failed"]
