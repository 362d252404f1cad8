"""`python -m historian`: readings, insights and events go from Kafka to the database.

`rebuild` recounts days, `sums` recomputes their sums.
"""

import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing

from energytrack.bus.open import open_bus
from energytrack.plant import load_plant
from energytrack.running.disk_room import LOOK_SECONDS
from energytrack.running.service import entry, running
from energytrack.settings import (
    DiskSettings,
    KafkaSettings,
    LedgerSettings,
    MongoSettings,
    PlantSettings,
    ServiceSettings,
    read_all,
)
from energytrack.store.open import open_store
from historian import rebuild, sums
from historian.composition import NAME, TAKES, build
from historian.settings import HistorianSettings


def main(env: Mapping[str, str]) -> None:
    arguments = rebuild.parse_arguments(sys.argv[1:])
    if arguments.verb == "rebuild":
        sys.exit(rebuild.run(arguments, env))
    if arguments.verb == "sums":
        sys.exit(sums.run(arguments, env))
    store_messages(env)


def store_messages(env: Mapping[str, str]) -> None:
    """Store messages until asked to stop; a batch is committed only when it is stored."""
    common, kafka, mongo, site, settings, disk, ledger = read_all(
        env, ServiceSettings, KafkaSettings, MongoSettings, PlantSettings, HistorianSettings, DiskSettings,
        LedgerSettings,
    )  # fmt: skip
    plant = load_plant(site.file, devices=site.devices)
    with ExitStack() as stack:
        service = stack.enter_context(running(NAME, common))
        store = stack.enter_context(closing(open_store(mongo)))
        bus = open_bus(kafka, NAME, health=service.health)
        sink = stack.enter_context(closing(bus.sink(stop=service.stop)))
        source = stack.enter_context(closing(bus.source(NAME, TAKES, linger=settings.linger_seconds)))
        historian = build(
            settings, plant, store, source, sink, registry=service.registry, clock=service.clock, stop=service.stop,
            health=service.health, disk=disk, ledger=ledger,
        )  # fmt: skip
        with service.health.long_work():
            historian.filing.persist(store.prepare)
        while not service.stop.is_set():
            if not historian.poll():
                service.pause(LOOK_SECONDS)
            elif not service.is_ready() and source.partitions():
                service.ready()
        historian.filing.finish()


if __name__ == "__main__":
    entry(main)
