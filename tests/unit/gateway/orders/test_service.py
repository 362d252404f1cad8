"""Orders from the bus to a machine and back: signed, once, and answered after any kill."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from energytrack.bus.memory import MemoryBus
from energytrack.clock import SystemClock
from energytrack.events import CommandResult
from energytrack.messages import Command, encode
from energytrack.security.signatures import CommandSigner
from energytrack.topics import COMMANDS, EVENTS
from gateway.orders.composition import JOURNAL, NAME, TAKES, build
from gateway.orders.event_loop import event_loop
from gateway.orders.journal import Journal
from gateway.orders.service import OrderGateway
from gateway.settings import GatewaySettings
from testkit.builders.control import A_SIGNING_KEY
from testkit.builders.messages import a_command
from testkit.gateways.machine import ALLOWED, MACHINE, FakeMachine
from testkit.stack.servers import eventually

SIGNER = CommandSigner(A_SIGNING_KEY)


def order(command_id: str = "01CMD", device_id: str = MACHINE, **fields: Any) -> Command:
    now = SystemClock().now()
    times = {"requested_at": now, "expires_at": now + timedelta(minutes=1)}
    return SIGNER.sign(a_command(device_id, command_id=command_id, **(times | fields)))


class GatewayOnBus:
    """A bus, a machine, and the gateway between them, which may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.bus = MemoryBus()
        self.machine = FakeMachine()
        self.folder = folder
        self.registry = CollectorRegistry()

    def send(self, command: Command) -> None:
        sink = self.bus.sink()
        sink.put(COMMANDS, command.device_id, encode(command))
        sink.flush()

    @contextmanager
    def gateway(self) -> Iterator[OrderGateway]:
        self.registry = CollectorRegistry()
        settings = GatewaySettings(
            state_folder=self.folder, poll_seconds=0.01, command_keys=SecretStr(SIGNER.public_key)
        )
        source, sink = self.bus.source(NAME, TAKES), self.bus.sink()
        with event_loop() as loop:
            yield build(
                settings, ALLOWED, source, sink, connect=self.machine.connect, loop=loop, registry=self.registry,
                clock=SystemClock(),
            )  # fmt: skip
        source.close()

    def answers(self) -> list[CommandResult]:
        return [msgspec.json.decode(value, type=CommandResult) for value in self.bus.values(EVENTS)]

    def answered(self, gateway: OrderGateway, count: int = 1) -> list[CommandResult]:
        def enough() -> bool:
            gateway.poll()
            return len(self.answers()) >= count

        eventually(enough)
        return self.answers()


@pytest.fixture
def plant(tmp_path: Path) -> GatewayOnBus:
    return GatewayOnBus(tmp_path)


def test_an_order_is_written_and_answered_when_the_machine_stands(plant: GatewayOnBus) -> None:
    plant.send(order())
    with plant.gateway() as gateway:
        (answer,) = plant.answered(gateway)
    assert plant.machine.written == [1]
    assert (answer.outcome, answer.state, answer.command_id, answer.action) == ("done", "stopped", "01CMD", "shutdown")


def test_an_order_that_comes_twice_is_written_once_and_answered_twice(plant: GatewayOnBus) -> None:
    command = order()
    plant.send(command)
    with plant.gateway() as gateway:
        plant.answered(gateway)
        plant.send(command)
        first, second = plant.answered(gateway, 2)
    assert plant.machine.written == [1]
    assert first == second


@pytest.mark.parametrize("forged", ["unsigned", "changed", "another key"])
def test_a_forged_order_is_neither_obeyed_nor_answered(forged: str, plant: GatewayOnBus) -> None:
    true = order()
    other = CommandSigner(base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode())
    made = {
        "unsigned": replace(true, signature=None),
        "changed": replace(true, action="restart"),
        "another key": other.sign(true),
    }
    plant.send(made[forged])
    plant.send(order("01TRUE"))
    with plant.gateway() as gateway:
        (answer,) = plant.answered(gateway)
    assert answer.command_id == "01TRUE"
    assert plant.registry.get_sample_value("energytrack_gateway_orders_unsigned_total") == 1


def test_another_gateways_machine_is_left_to_it(plant: GatewayOnBus) -> None:
    plant.send(order("01OTHER", "press-0001"))
    plant.send(order())
    with plant.gateway() as gateway:
        assert [answer.device_id for answer in plant.answered(gateway)] == [MACHINE]


def test_a_machine_that_is_locked_or_away_says_so(plant: GatewayOnBus) -> None:
    plant.machine.released = False
    plant.send(order("01LOCKED"))
    with plant.gateway() as gateway:
        plant.answered(gateway)
        plant.machine.answers = False
        plant.send(order("01AWAY"))
        locked, away = sorted(plant.answered(gateway, 2), key=lambda answer: answer.command_id, reverse=True)
    assert (locked.outcome, away.outcome) == ("refused", "failed")
    assert "locked at the machine" in locked.detail
    assert away.detail.endswith("nobody answers")
    assert plant.machine.written == []


def test_after_a_kill_an_order_is_watched_to_its_end_and_never_written_again(plant: GatewayOnBus) -> None:
    plant.machine.obeys = False
    plant.send(order())
    with plant.gateway() as gateway:

        def is_written() -> bool:
            gateway.poll()
            return plant.machine.written == [1]

        eventually(is_written)
    plant.machine.state = "stopped"
    with plant.gateway() as gateway:
        (answer,) = plant.answered(gateway)
    assert plant.machine.written == [1]
    assert (answer.outcome, answer.state) == ("done", "stopped")


def test_an_answer_that_may_not_have_arrived_is_reported_again(plant: GatewayOnBus) -> None:
    plant.send(order())
    with plant.gateway() as gateway:
        (answer,) = plant.answered(gateway)
    journal = Journal(plant.folder / JOURNAL)
    journal.answer(order(), answer)
    with plant.gateway():
        assert plant.answers() == [answer, answer]
