"""`python -m historian`: readings, insights and events go from Kafka to the database."""

from collections.abc import Mapping
from contextlib import closing
from typing import Final

from energytrack.bus.open import open_bus
from energytrack.clocks import parsers
from energytrack.consume import consume_once
from energytrack.messages import encode
from energytrack.plant import load_plant
from energytrack.room import LOOK_SECONDS, RoomGuard
from energytrack.service import entry, running
from energytrack.settings import DiskSettings, KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.store.open import open_store
from energytrack.store.retrying import RetryPolicy
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from historian.filing import Filing
from historian.retention import Retention
from historian.settings import HistorianSettings

NAME: Final = "historian"
TAKES: Final = (READINGS, INSIGHTS, EVENTS)


def main(env: Mapping[str, str]) -> None:
    """Store what comes until told to stop; a batch is committed when it is stored, and not before."""
    common, kafka, mongo, site, settings, disk = read_all(
        env, ServiceSettings, KafkaSettings, MongoSettings, PlantSettings, HistorianSettings, DiskSettings
    )
    plant = load_plant(site.file, devices=site.devices)
    corrected = parsers(plant)
    with running(NAME, common) as service, closing(open_store(mongo)) as store:
        persist = RetryPolicy(
            stop=service.stop, clock=service.clock, registry=service.registry, health=service.health
        )  # fmt: skip
        bus = open_bus(kafka, NAME, health=service.health)
        with (
            closing(bus.sink(stop=service.stop)) as sink,
            closing(bus.source(NAME, TAKES, linger=settings.linger_seconds)) as source,
        ):
            families = (store.readings, store.insights, store.events, store.devices, store.meters)
            stores = [family.name for family in families]
            stage = Stage(NAME, service.registry, takes=TAKES, puts=[*stores, EVENTS, DEAD_LETTERS])
            letters = CountedSink(sink, stage)
            with service.health.long_work():
                persist(store.prepare)
            filing = Filing(
                store, plant, settings, persist=persist, stage=stage, clock=service.clock,
                tell=lambda event: letters.put(EVENTS, event.device_id, encode(event)),
            )  # fmt: skip
            retention = Retention(store, clock=service.clock)
            room = RoomGuard(disk, clock=service.clock, registry=service.registry, health=service.health)
            while not service.stop.is_set():
                if room.why_short():  # what is past its limit goes on going: that makes room
                    retention.turn()
                    service.stop.wait(LOOK_SECONDS)
                    continue
                consume_once(
                    source, letters, filing.handle, stage=stage, clock=service.clock, limit=settings.batch,
                    wait=settings.linger_seconds, parsers=corrected, refused=filing.refused, health=service.health,
                )  # fmt: skip
                filing.settle()
                retention.turn()
                if not service.is_ready() and source.partitions():
                    service.ready()
            filing.finish()


if __name__ == "__main__":
    entry(main)
