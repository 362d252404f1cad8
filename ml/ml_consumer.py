"""`python -m ml.ml_consumer`: reads readings and events from Kafka, and writes an insight for each reading."""

from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import Final

from energytrack.bus.open import open_bus
from energytrack.plant import load_plant
from energytrack.running.disk_room import RoomGuard
from energytrack.running.service import entry, running
from energytrack.settings import DiskSettings, KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all
from ml.models.champion_copy import keeping_a_copy
from ml.models.metrics import ModelMetrics
from ml.scoring.composition import NAME, TAKES, build
from ml.scoring.warm_up import warming_up
from ml.settings import MlSettings

LINGER_SECONDS: Final = 0.1
"""Linger for fuller batches: each costs some milliseconds, whatever the number of its readings."""


def main(env: Mapping[str, str]) -> None:
    """Score until `stop` is set; a batch is committed only after its insights are acknowledged."""
    common, kafka, mongo, site, settings, disk = read_all(
        env, ServiceSettings, KafkaSettings, MongoSettings, PlantSettings, MlSettings, DiskSettings
    )
    plant = load_plant(site.file, devices=site.devices)
    with ExitStack() as stack:
        service = stack.enter_context(running(NAME, common))
        metrics = ModelMetrics(service.registry)
        stack.enter_context(keeping_a_copy(mongo, settings, metrics, service.clock))
        warm_up = stack.enter_context(warming_up(mongo, settings, service.registry))
        bus = open_bus(kafka, NAME, health=service.health)
        sink = stack.enter_context(closing(bus.sink(stop=service.stop)))
        source = stack.enter_context(closing(bus.source(NAME, TAKES, linger=LINGER_SECONDS)))
        scoring = build(
            settings, plant, source, sink, registry=service.registry, clock=service.clock, metrics=metrics,
            warm_up=warm_up, health=service.health,
        )  # fmt: skip
        room = RoomGuard(disk, clock=service.clock, registry=service.registry, health=service.health)
        while not service.stop.is_set():
            room.wait(service.stop)
            scoring.poll(assigned=service.ready)


if __name__ == "__main__":
    entry(main)
