"""A control API on a real database, with a bus in memory and a clock that stands still."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from prometheus_client import CollectorRegistry

from control_api.annotations import annotating_client
from control_api.app import create_app
from control_api.auth.grafana import GrafanaSessions
from control_api.auth.identity import Role
from control_api.composition import Services, build
from control_api.orders.results import file_results
from control_api.settings import ControlApiSettings
from energytrack.bus import Sink
from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.consume import consume_once
from energytrack.decoding.parsing import parse_command
from energytrack.errors import DeliveryFailed
from energytrack.events import CommandResult
from energytrack.machines.state import MachineState
from energytrack.messages import Command, encode
from energytrack.plant import load_plant
from energytrack.store import Store
from energytrack.topics import COMMANDS, EVENTS
from testkit.builders.control import A_SIGNING_KEY
from testkit.builders.messages import a_reading
from testkit.dates import at_plant
from testkit.stand_ins.grafana import SERVICE_TOKEN, GrafanaStandIn

EVENING = at_plant("mon", "23:30")
"""A Monday at half past eleven in plant time: the press shop is at rest."""


SETTINGS = {
    "ENERGYTRACK_CONTROL_API_PATIENCE_SECONDS": "1",
    "ENERGYTRACK_CONTROL_API_ALERTS_TOKEN": "the-alerting-token",
    "ENERGYTRACK_CONTROL_API_COMMAND_SIGNING_KEY": A_SIGNING_KEY,
}
ORIGIN = "http://127.0.0.1:8080"
Names = dict[str, str]


class BrittleBus(MemoryBus):
    """A bus that can be away."""

    away = False

    def sink(self, *, patience: float | None = None, stop: threading.Event | None = None) -> Sink:
        """A sink that fails while the bus is away."""
        return BrittleSink(self, super().sink(patience=patience, stop=stop))


class BrittleSink:
    def __init__(self, bus: BrittleBus, behind: Sink) -> None:
        self._bus = bus
        self._behind = behind

    def put(self, topic: str, key: str, value: bytes, headers: Any = ()) -> None:
        if not self._bus.away:
            self._behind.put(topic, key, value, headers)

    def put_all(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        for key, value in messages:
            self.put(topic, key, value)

    def flush(self) -> None:
        if self._bus.away:
            raise DeliveryFailed(1, "no broker")

    def close(self) -> None:
        pass


@dataclass
class ApiUnderTest:
    """The API under test, and the machines at the other end of the bus."""

    services: Services
    bus: BrittleBus
    clock: ManualClock
    app: OpenAPI

    @cached_property
    def client(self) -> FlaskClient:
        """Maria, who is an Editor."""
        return self.signed_in("maria")

    def signed_in(self, login: str) -> FlaskClient:
        """Somebody in a browser with a Grafana session, who clicks a button in Grafana."""
        client = self.app.test_client()
        client.set_cookie("grafana_session", f"session-of-{login}")
        client.environ_base |= {"HTTP_HOST": "127.0.0.1:8080", "HTTP_ORIGIN": ORIGIN, "HTTP_X_GRAFANA_ACTION": "1"}
        return client

    def nobody(self) -> FlaskClient:
        """Somebody who is not signed in."""
        return self.app.test_client()

    def script(self, role: Role, name: str = "gateway") -> FlaskClient:
        """A script with a token."""
        _, written = self.services.credentials.issue("token", name=name, role=role, by="test", lasts=timedelta(days=1))
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {written}"
        return client

    def says(self, device_id: str, **reading: Any) -> None:
        """A machine's reading is on file."""
        self.services.store.devices.put(
            [MachineState(device_id, reading=a_reading(device_id, **({"timestamp": self.clock.now()} | reading)))],
            self.clock.now(),
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
                batch,
                commands=self.services.store.commands,
                changes=self.services.store.changes,
                clock=self.clock,
                observer=self.services.order_observer,
            ),
            stage=self.services.stage,
            clock=self.clock,
        )
        source.close()


@pytest.fixture
def grafana() -> GrafanaStandIn:
    return GrafanaStandIn()


@pytest.fixture
def plant(store: Store, grafana: GrafanaStandIn) -> ApiUnderTest:
    return a_control_api(store, grafana, Path("plant.toml"))


def a_control_api(store: Store, grafana: GrafanaStandIn, plant_file: Path) -> ApiUnderTest:
    """The API of the plant that a file describes."""
    clock, bus = ManualClock(EVENING), BrittleBus()
    numbers = itertools.count(1)
    services = build(
        ControlApiSettings.from_env(SETTINGS),
        plant=load_plant(plant_file),
        bus=bus,
        store=store,
        clock=clock,
        registry=CollectorRegistry(),
        new_id=lambda: f"{next(numbers):026d}",
        annotating=annotating_client("http://grafana.test", SERVICE_TOKEN, transport=httpx.WSGITransport(grafana)),
        grafana=GrafanaSessions("http://grafana.test", org_id=1, clock=clock, transport=httpx.WSGITransport(grafana)),
    )
    app = create_app(services, is_ready=lambda: True)
    app.testing = True
    return ApiUnderTest(services, bus, clock, app)


@pytest.fixture
def names(kafka_servers: str, mongo_uri: str, topic_prefix: str, mongo_database: str) -> Names:
    """The service's environment."""
    return {
        "ENERGYTRACK_KAFKA_SERVERS": kafka_servers,
        "ENERGYTRACK_KAFKA_TOPIC_PREFIX": topic_prefix,
        "ENERGYTRACK_KAFKA_PARTITIONS": "3",
        "ENERGYTRACK_MONGO_URI": mongo_uri,
        "ENERGYTRACK_MONGO_DATABASE": mongo_database,
        "ENERGYTRACK_CONTROL_API_PATIENCE_SECONDS": "2",
    }
