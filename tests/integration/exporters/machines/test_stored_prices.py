"""Imported prices in the plant of an exporter, from a real database."""

from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.bill.imported import LOOK_SECONDS
from energytrack.clock import ManualClock
from energytrack.importer.choices import Choices
from energytrack.importer.destinations.rates import plan_rates, store_rates
from energytrack.importer.reader import read_bytes
from energytrack.plant import load_plant
from energytrack.store import Store
from exporters.machines.store_queries import StoreQueries
from exporters.machines.stored_prices import StoredPrices
from exporters.metrics.plant import PlantCollector
from testkit.builders.import_files import price_stretches, starts
from testkit.builders.plants import SPOT, a_plant_file
from testkit.dates import MONDAY, PLANT_ZONE

HOURS = starts(MONDAY, 1, step=timedelta(hours=1))


def shown(collector: PlantCollector) -> list[float]:
    return [
        sample.value
        for family in collector.collect()
        if family.name == "energytrack_tariff_price_per_kwh"
        for sample in family.samples
    ]


def test_a_price_is_on_the_page_some_seconds_after_it_was_imported(store: Store, tmp_path: Path) -> None:
    """Before, there is none: unknown is not free."""
    plant, clock = load_plant(a_plant_file(tmp_path, SPOT)), ManualClock(HOURS[12])
    prices = StoredPrices(StoreQueries(store, clock), plant, clock)
    collector = PlantCollector(plant, clock)
    prices.run_once()
    assert shown(collector) == []
    text = price_stretches(HOURS, [80.0 + i for i in range(24)])
    content = read_bytes(text.encode(), "s.csv", Choices(zone=PLANT_ZONE.key), plant_zone=PLANT_ZONE.key)
    store_rates(store, plan_rates(store, content, Choices(), plant=plant, by="import:anna", now=clock.now()))
    prices.run_once()
    assert shown(collector) == [], "it looks every few seconds"
    clock.advance(LOOK_SECONDS)
    prices.run_once()
    assert shown(collector) == [pytest.approx(0.02 + 0.092)]
