"""The composition root of the simulator: `python -m simulator` uses Kafka, tests a bus in memory."""

from typing import Final

from prometheus_client import CollectorRegistry

from energytrack.bus import Sink, Source
from energytrack.clock import Clock
from energytrack.plant import Plant
from energytrack.running.disk_room import RoomGuard
from energytrack.running.health import Health
from energytrack.settings import DiskSettings
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import COMMANDS, EVENTS, READINGS
from simulator.live import LivePlant
from simulator.plant.factory import Factory
from simulator.settings import SimulatorSettings

NAME: Final = "simulator"
TAKES: Final = (COMMANDS,)


def build(
    settings: SimulatorSettings,
    plant: Plant,
    source: Source,
    sink: Sink,
    *,
    registry: CollectorRegistry,
    clock: Clock,
    health: Health | None = None,
    disk: DiskSettings | None = None,
) -> LivePlant:
    """Create everything between orders and the plant's readings and events; opens or resumes the plant."""
    stage = Stage(NAME, registry, takes=TAKES, puts=[READINGS, EVENTS])
    health = health or Health(clock)
    return LivePlant(
        Factory(plant, seed=settings.seed, rates=settings.rates()),
        source,
        CountedSink(sink, stage),
        settings=settings,
        stage=stage,
        clock=clock,
        registry=registry,
        health=health,
        room=RoomGuard(disk or DiskSettings(), clock=clock, registry=registry, health=health),
    )
