"""The exporters: read readings, events and insights from Kafka and expose the latest of each device to Prometheus."""

from collections.abc import Mapping
from typing import Final

from energytrack.bus.open import open_bus
from energytrack.clock import SystemClock
from energytrack.clocks import parsers
from energytrack.consume import consume
from energytrack.plant import load_plant
from energytrack.running.service import entry, running
from energytrack.settings import KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.store.open import open_store
from exporters.assignment import Partitions, WatchedSource
from exporters.exporter import NAME, TOPICS, Exporter
from exporters.meters import StoredMeters
from exporters.settings import ExportersSettings
from exporters.web import metrics_app

LINGER_SECONDS: Final = 0.2
"""Linger for fuller batches: a page that is scraped every few seconds does not need each reading at once."""


def main(env: Mapping[str, str]) -> None:
    """Fold messages from Kafka in this thread and answer scrapes in others, until `stop` is set."""
    common, kafka, mongo, site, settings = read_all(
        env, ServiceSettings, KafkaSettings, MongoSettings, PlantSettings, ExportersSettings
    )
    plant = load_plant(site.file, devices=site.devices)
    exporter = Exporter(plant, settings.patience(), SystemClock())
    with running(
        NAME,
        common,
        metrics_page=lambda registry: metrics_app(registry, exporter.page),
    ) as service:
        stage = exporter.register(service.registry)

        def assigned(partitions: Partitions) -> None:
            exporter.assigned(partitions)
            if partitions:
                service.ready()

        store = open_store(mongo)
        exporter.take_up(StoredMeters(store, plant, service.clock, service.registry))
        bus = open_bus(kafka, NAME, health=service.health)
        source = WatchedSource(bus.source(NAME, TOPICS, linger=LINGER_SECONDS), assigned, service.clock)
        sink = bus.sink(stop=service.stop)
        try:
            consume(
                source, sink, exporter.handle, stage=stage, clock=service.clock, stop=service.stop,
                parsers=parsers(plant), refused=exporter.refused, health=service.health,
            )  # fmt: skip
        finally:
            store.close()
            source.close()
            sink.close()


if __name__ == "__main__":
    entry(main)
