"""The exporters: read readings, events and insights from Kafka and expose the latest of each device to Prometheus."""

from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import Final

from energytrack.bus.open import open_bus
from energytrack.plant import load_plant
from energytrack.running.service import METRICS, entry, running
from energytrack.settings import KafkaSettings, MongoSettings, PlantSettings, ServiceSettings, read_all
from energytrack.store.open import open_store
from energytrack.store.unreadable_metric import UnreadableCollector
from exporters.composition import NAME, TAKES, build
from exporters.ledger.series import LedgerSeries
from exporters.machines.meters import StoredMeters
from exporters.machines.past import StoredPast
from exporters.machines.store_queries import StoreQueries
from exporters.machines.stored_prices import StoredPrices
from exporters.settings import ExportersSettings
from exporters.web import LEDGER_PATH, ledger_app, metrics_app

LINGER_SECONDS: Final = 0.2
"""Linger for fuller batches: a page that is scraped every few seconds does not need each reading at once."""


def main(env: Mapping[str, str]) -> None:
    """Fold messages from Kafka in this thread and answer scrapes in others, until `stop` is set."""
    common, kafka, mongo, site, settings = read_all(
        env, ServiceSettings, KafkaSettings, MongoSettings, PlantSettings, ExportersSettings
    )
    plant = load_plant(site.file, devices=site.devices)
    with ExitStack() as stack:
        service = stack.enter_context(running(NAME, common))
        store = stack.enter_context(closing(open_store(mongo)))
        service.registry.register(UnreadableCollector(store.unreadable))
        service.pages[LEDGER_PATH] = ledger_app(LedgerSeries(store, plant, service.clock))
        bus = open_bus(kafka, NAME, health=service.health)
        sink = stack.enter_context(closing(bus.sink(stop=service.stop)))
        source = stack.enter_context(closing(bus.source(NAME, TAKES, linger=LINGER_SECONDS)))
        asking = StoreQueries(store, service.clock)
        prices = StoredPrices(asking, plant, service.clock)
        exporters = build(
            settings, plant, source, sink, registry=service.registry, clock=service.clock, health=service.health,
            stored=StoredMeters(asking, plant, service.clock, service.registry), past=StoredPast(asking, service.clock),
        )  # fmt: skip
        service.pages[METRICS] = metrics_app(service.registry, exporters.exporter.page)
        while not service.stop.is_set():
            exporters.poll()
            prices.run_once()
            if not service.is_ready() and source.partitions():
                service.ready()


if __name__ == "__main__":
    entry(main)
