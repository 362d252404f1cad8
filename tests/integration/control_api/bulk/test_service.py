"""Orders to many machines, with a real database."""

from collections import Counter
from typing import Any

import pytest
from pymongo import monitoring

from control_api.auth.identity import Actor
from control_api.bulk.rules import Selection
from control_api.bulk.schemas import MOST_MACHINES
from control_api.devices.rules import Machine
from control_api.devices.service import DeviceService
from energytrack.machines.state import MachineState
from energytrack.store.operations.commands import OrderFilter
from testkit.builders.messages import a_reading
from tests.integration.control_api.calls import bulk, order, problem, three_idle
from tests.integration.control_api.conftest import ApiUnderTest

SEVERAL_ROUND_TRIPS = 450
MOST_ROUND_TRIPS = 10
"""Of 200 orders each."""


class CommandCounter(monitoring.CommandListener):
    """Counts what a store asks of its database, by the command's name."""

    def __init__(self) -> None:
        self.commands: Counter[str] = Counter()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.commands[event.command_name] += 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


COUNTED = CommandCounter()
monitoring.register(COUNTED)  # of all clients that are made from now on


def test_what_a_batch_stopped_is_restarted(plant: ApiUnderTest) -> None:
    """Those that it stopped, once, and at once: by their answers, which come before their states are stored."""
    three_idle(plant)
    select = {"device_ids": ["press-0001", "press-0002", "press-0004"]}
    response = bulk(plant, select=select, dry_run=False)
    assert response.status_code == 202
    batch = response.json["batch_id"]
    assert {each["status"] for each in response.json["commands"]} == {"sent"}
    for command in plant.commands():
        plant.answer(command, outcome="done" if command.device_id == "press-0001" else "refused")
    undone = plant.client.post(f"/api/commands/{batch}/undo", json={"reason": "needed after all"}).get_json()
    assert undone["sentence"] == "Restarts 1 machine."
    assert [(each["device_id"], each["undoes"]) for each in undone["commands"]] == [("press-0001", batch)]
    again = plant.client.post(f"/api/commands/{batch}/undo", json={"reason": "twice"}).get_json()
    assert again["commands"] == []
    exported = plant.client.get(f"/api/commands.csv?batch_id={batch}")
    assert exported.content_type.startswith("text/csv")
    assert exported.text.count("\r\n") == 3


def test_only_a_shutdown_is_undone(plant: ApiUnderTest) -> None:
    """And only one that there was."""
    given: Any = order(plant.client, "restart").json
    body = {"reason": "oops"}
    assert problem(plant.client.post(f"/api/commands/{given['command_id']}/undo", json=body)) == (409, "not_undoable")
    assert problem(plant.client.post("/api/commands/none/undo", json=body)) == (404, "unknown_order")


def test_without_kafka_no_machine_of_a_batch_stays_half_done(plant: ApiUnderTest) -> None:
    """All of its orders are closed."""
    three_idle(plant)
    plant.bus.away = True
    select = {"device_ids": ["press-0001", "press-0002"]}
    assert problem(bulk(plant, select=select, dry_run=False)) == (503, "kafka_away")
    statuses = [each["status"] for each in plant.client.get("/api/commands").get_json()["commands"]]
    assert statuses == ["failed", "failed"]


def test_two_thousand_machines_are_filed_in_few_commands(plant: ApiUnderTest) -> None:
    """No command for each machine: not when they are planned, ordered, sent, nor when some have answered already."""
    ids = [f"saw-{number:04d}" for number in range(MOST_MACHINES)]
    now = plant.clock.now()
    idle = [MachineState(one, reading=a_reading(one, timestamp=now, state="idle", current=14.0)) for one in ids]
    for first in range(0, len(idle), 200):
        plant.services.store.devices.put(idle[first : first + 200], now)
    COUNTED.commands.clear()
    done = bulk(plant, select={"device_ids": ids}, dry_run=False)
    assert (done.status_code, len(done.get_json()["commands"])) == (202, MOST_MACHINES)
    assert {each["status"] for each in done.get_json()["commands"]} == {"sent"}
    asked = COUNTED.commands
    assert asked["insert"] <= MOST_ROUND_TRIPS + 1  # and one into the audit log
    assert asked["update"] <= MOST_ROUND_TRIPS + 1  # and one that tells other replicas
    assert asked["find"] + asked["getMore"] <= 12
    orders = plant.services.store.commands.find(OrderFilter(batch_id=done.get_json()["batch_id"]))
    plant.answer(plant.commands()[0])
    COUNTED.commands.clear()
    again = plant.services.store.commands.mark_sent(orders, now)
    assert Counter(order.status for order in again) == {"sent": MOST_MACHINES - 1, "done": 1}
    assert asked["find"] + asked["getMore"] <= 3


def test_hundreds_of_machines_are_one_batch(plant: ApiUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filed together: those that have an open order by then are left out."""
    ids = tuple(f"saw-{number:04d}" for number in range(SEVERAL_ROUND_TRIPS))
    machines = [
        Machine(latest=MachineState(one), device_type=None, line=None, state="idle", state_since=None, silent=False,
                clock_ahead_seconds=None, power_watts=None, in_shift=False, lock=None, open_order=None)
        for one in ids
    ]  # fmt: skip
    monkeypatch.setattr(DeviceService, "machines", lambda _self: machines)
    body = {"select": {"device_ids": ids}, "dry_run": False}
    done = bulk(plant, **body)
    assert (done.status_code, len(done.get_json()["commands"])) == (202, len(ids))
    assert len({command.device_id for command in plant.commands()}) == len(ids)
    assert bulk(plant, **body).get_json()["commands"] == []
    assert problem(bulk(plant, select={"device_ids": ["x"] * (MOST_MACHINES + 1)})) == (422, "invalid_request")


def test_an_order_that_came_between_stays_alone(plant: ApiUnderTest) -> None:
    three_idle(plant)
    services = plant.services
    planned = services.bulk.plan("shutdown", Selection(device_ids=("press-0001", "press-0002")), override=False)
    order(plant.client, device_id="press-0001")
    _, orders = services.bulk.order(planned, by=Actor("grafana:maria", "Editor", ""), reason="night", override=False)
    assert [each.device_id for each in orders] == ["press-0002"]
