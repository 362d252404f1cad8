"""A small live plant for tests, with its bus in memory and a clock that is moved by hand."""

import threading
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from msgspec.structs import asdict
from prometheus_client import CollectorRegistry

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.decoding.parsing import parse_event, parse_reading
from energytrack.events import CommandResult, DeviceEvent
from energytrack.messages import Reading, encode
from energytrack.security.signatures import CommandSigner
from energytrack.topics import COMMANDS, EVENTS, READINGS
from simulator.composition import NAME, TAKES, build
from simulator.live import LivePlant
from simulator.machines.rates import Rates
from simulator.plant.factory import Factory, FactoryState
from simulator.plant.opening import opening
from simulator.settings import SimulatorSettings
from testkit.builders.messages import a_command
from testkit.builders.plants import MONDAY, SOUND, a_plant

NEVER = threading.Event()
QUIET = {
    "late_share": 0.0,
    "duplicate_share": 0.0,
    "out_of_order_share": 0.0,
    "seed": 7,
    **asdict(SOUND),
}


@lru_cache
def opened(seed: int, rates: Rates, at_ms: int, worn: float) -> FactoryState:
    """Hours of warming up give each test with these the same plant, so they are computed once."""
    return opening(Factory(a_plant(12), seed=seed, rates=rates), at_ms, worn=worn)


def _opening(factory: Factory, at_ms: int, *, worn: float = 0.0) -> FactoryState:
    return opened(factory.seed, factory.rates, at_ms, worn)


class SimulatorUnderTest:
    """A small plant with its bus and its clock."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.bus = MemoryBus()
        self.clock = ManualClock(MONDAY)
        self.settings = SimulatorSettings.model_validate({"state_folder": folder, "worn_share": 0, **QUIET, **settings})
        self.registry = CollectorRegistry()
        self.live = self.started()

    def started(self) -> LivePlant:
        self.registry = CollectorRegistry()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("simulator.live.opening", _opening)
            return build(
                self.settings, a_plant(12), self.bus.source(NAME, TAKES, linger=0.0), self.bus.sink(),
                registry=self.registry, clock=self.clock,
            )  # fmt: skip

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.live.tick(NEVER)

    def readings(self) -> list[Reading]:
        """Those of machines."""
        every = [parse_reading(value, self.clock.now()) for value in self.bus.values(READINGS)]
        return [each for each in every if each.device_id not in self.live.factory.plant.meters]

    def events(self) -> list[DeviceEvent]:
        return [parse_event(value, self.clock.now()) for value in self.bus.values(EVENTS)]

    def order(self, signer: CommandSigner | None = None, device_id: str = "cnc-0001", **fields: object) -> None:
        now = self.clock.now()
        command = a_command(device_id, requested_at=now, expires_at=now + timedelta(minutes=1), **fields)
        command = command if signer is None else signer.sign(command)
        self.bus.sink().put(COMMANDS, command.device_id, encode(command))

    def answers(self) -> list[CommandResult]:
        return [event for event in self.events() if isinstance(event, CommandResult)]
