"""A control API on a real database, with a bus in memory and a clock that stands still."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from control_api.app import create_app
from control_api.parts import Parts, assemble
from control_api.results import file_results
from control_api.settings import ControlApiSettings
from energytrack.bus import Sink
from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.consume import consume_once
from energytrack.errors import DeliveryFailed
from energytrack.messages import Command, CommandResult, encode, parse_command
from energytrack.plant import load_plant
from energytrack.store import Store
from energytrack.store.devices import Latest
from energytrack.topics import COMMANDS, EVENTS
from tests.builders import NOW, a_reading
from tests.control_builders import a_store

EVENING = NOW.replace(hour=22, minute=30)
"""A Monday at half past eleven in plant time: the press shop is at rest."""


class BrittleBus(MemoryBus):
    """A bus that can be away."""

    away = False

    def sink(self, *, patience: float | None = None) -> Sink:
        """A sink that fails while the bus is away."""
        return BrittleSink(self, super().sink(patience=patience))


class BrittleSink:
    def __init__(self, bus: BrittleBus, behind: Sink) -> None:
        self._bus = bus
        self._behind = behind

    def put(self, topic: str, key: str, value: bytes, headers: Any = ()) -> None:
        if not self._bus.away:
            self._behind.put(topic, key, value, headers)

    def flush(self) -> None:
        if self._bus.away:
            raise DeliveryFailed(1, "no broker")

    def close(self) -> None:
        pass


@dataclass
class Plant:
    """The API under test, and the machines at the other end of the bus."""

    parts: Parts
    bus: BrittleBus
    clock: ManualClock
    client: FlaskClient

    def says(self, device_id: str, **reading: Any) -> None:
        """A machine's reading is on file."""
        self.parts.store.devices.put(
            [Latest(device_id, reading=a_reading(device_id, **({"timestamp": self.clock.now()} | reading)))]
        )

    def commands(self) -> list[Command]:
        """Every order that reached the machines."""
        return [parse_command(value, self.clock.now()) for value in self.bus.values(COMMANDS)]

    def answer(self, command: Command, **fields: Any) -> None:
        """A machine answers an order, and the API hears it."""
        given: dict[str, Any] = {"event_id": f"e-{command.command_id}", "outcome": "done", "state": "stopped"}
        result = CommandResult(
            **(given | fields),
            device_id=command.device_id,
            timestamp=self.clock.now(),
            command_id=command.command_id,
            action=command.action,
        )
        self.bus.sink().put(EVENTS, command.device_id, encode(result))
        self.hear()

    def hear(self) -> None:
        """The API takes what is on the bus."""
        source = self.bus.source("control-api", [EVENTS])
        consume_once(
            source,
            self.bus.sink(),
            lambda batch: file_results(
                batch, commands=self.parts.store.commands, clock=self.clock, metrics=self.parts.metrics
            ),
            stage=self.parts.stage,
            clock=self.clock,
        )
        source.close()


@pytest.fixture
def store(mongo_uri: str, mongo_database: str) -> Iterator[Store]:
    with closing(a_store(mongo_uri, mongo_database)) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def plant(store: Store) -> Plant:
    clock, bus = ManualClock(EVENING), BrittleBus()
    numbers = itertools.count(1)
    parts = assemble(
        ControlApiSettings.from_env({"ENERGYTRACK_CONTROL_API_PATIENCE_SECONDS": "1"}),
        plant=load_plant(Path("plant.toml")),
        bus=bus,
        store=store,
        clock=clock,
        registry=CollectorRegistry(),
        new_id=lambda: f"{next(numbers):026d}",
    )
    app = create_app(parts, is_ready=lambda: True)
    app.testing = True
    return Plant(parts, bus, clock, app.test_client())
