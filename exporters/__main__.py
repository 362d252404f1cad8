"""The exporters: readings, events and insights come from Kafka, Prometheus takes the latest of each device."""

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
from exporters.ledger_series import LedgerSeries
from exporters.meters import StoredMeters
from exporters.settings import ExportersSettings
from exporters.web import LEDGER_PATH, ledger_app, metrics_app

LINGER_SECONDS: Final = 0.2
"""A page that is scraped every few seconds need not know each reading at once."""


def main(env: Mapping[str, str]) -> None:
    """Fold what comes from Kafka in this thread, answer scrapes in others, until told to stop."""
    common, kafka, mongo, site, settings = read_all(
        env, ServiceSettings, KafkaSettings, MongoSettings, PlantSettings, ExportersSettings
    )
    plant = load_plant(site.file, devices=site.devices)
    exporter = Exporter(plant, settings.patience(), SystemClock())
    store = open_store(mongo)
    with running(
        NAME,
        common,
        metrics_page=lambda registry: metrics_app(registry, exporter.page),
        further_pages={LEDGER_PATH: ledger_app(LedgerSeries(store, plant, SystemClock()))},
    ) as service:
        stage = exporter.register(service.registry)

        def assigned(partitions: Partitions) -> None:
            exporter.assigned(partitions)
            if partitions:
                service.ready()

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
