"""What is kept of the ledger goes when its past, or what it is priced with, changes."""

from pathlib import Path

from control_api.ledger_watch import LedgerWatch
from energytrack.bill.imported import ImportedPrices
from energytrack.importer.choices import Choices
from energytrack.importer.destinations.batches import take_back
from energytrack.importer.destinations.rates import plan_rates, store_rates
from energytrack.importer.reader import read_bytes
from energytrack.plant import load_plant
from energytrack.store import Store
from testkit.builders.import_files import price_stretches, starts
from testkit.builders.plants import SPOT, a_plant_file
from testkit.dates import MONDAY, NOW


def test_every_watcher_hears_of_a_change_once(store: Store, tmp_path: Path) -> None:
    plant = load_plant(a_plant_file(tmp_path, SPOT))
    prices = ImportedPrices(store, plant)
    bill, report = LedgerWatch(store, prices), LedgerWatch(store, prices)
    assert (bill.has_changed(), report.has_changed()) == (True, True), "nothing is known yet"
    assert (bill.has_changed(), report.has_changed()) == (False, False)
    store.edition.rise()
    assert (bill.has_changed(), bill.has_changed(), report.has_changed()) == (True, False, True)

    text = price_stretches(starts(MONDAY, 1), [80.0] * 96)
    content = read_bytes(text.encode(), "spot.csv", Choices(zone="Europe/Berlin"), plant_zone="Europe/Berlin")
    batch = store_rates(store, plan_rates(store, content, Choices(), plant=plant, by="import:anna", now=NOW))
    assert not bill.has_changed(), "they are taken over first"
    prices.look()
    assert bill.has_changed()
    take_back(store, batch.batch_id, by="import:anna", why="tried", now=NOW)
    prices.look()
    assert (bill.has_changed(), bill.has_changed()) == (True, False)
