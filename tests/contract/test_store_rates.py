"""Imported prices and factors in a real database: the contract counts them, and undo is undo."""

from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.bill.imported import ImportedPrices
from energytrack.contract.emissions import Factors
from energytrack.importer.__main__ import ImportDeclined, main
from energytrack.importer.choices import Choices, NotProved, UnreadableFile
from energytrack.importer.content import Content
from energytrack.importer.destinations.batches import take_back
from energytrack.importer.destinations.prices import UnusablePrices
from energytrack.importer.destinations.rates import RatePlan, holds_rates, plan_rates, store_rates
from energytrack.importer.reader import read_bytes
from energytrack.plant import Plant, load_plant
from energytrack.store import Store
from energytrack.store.energy import imported_rates
from testkit.builders.import_files import lines, price_stretches, starts
from testkit.builders.plants import SPOT, a_plant, a_plant_file
from testkit.dates import MONDAY, NOW, PLANT_ZONE

HOUR = timedelta(hours=1)
HOURS = starts(MONDAY, 1, step=HOUR)
NOON = HOURS[12]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return load_plant(a_plant_file(tmp_path, SPOT))


def read(text: str, name: str = "spot.csv", **choices: str) -> Content:
    return read_bytes(text.encode(), name, Choices(**choices), plant_zone=PLANT_ZONE.key)  # type: ignore[arg-type]


def prices(first: float = 80.0) -> Content:
    return read(price_stretches(HOURS, [first + i for i in range(24)]), zone=PLANT_ZONE.key)


def factors(grams: float = 400.0) -> Content:
    rows = [f"{at:%Y-%m-%dT%H:%MZ},{grams}" for at in HOURS]
    return read(lines("time,Grid intensity [g CO2/kWh]", *rows), labels="begin")


def planned(store: Store, plant: Plant, content: Content, minutes: int = 0, **choices: str) -> RatePlan:
    given = Choices(**choices)  # type: ignore[arg-type]
    at = NOW + timedelta(minutes=minutes)
    return plan_rates(store, content, given, plant=plant, by="import:anna", now=at)


def price(plant: Plant) -> float | None:
    found = plant.price(NOON)
    return None if found is None else found.per_kwh


def test_prices_count_for_every_plant_that_looks_and_go_when_they_are_taken_back(store: Store, plant: Plant) -> None:
    watch = ImportedPrices(store, plant)
    assert (watch.look(), price(plant)) == (False, None)
    plan = planned(store, plant, prices())
    assert (plan.new, plan.changed, plan.known, plan.batch.rates, plan.batch.market) == (24, 0, None, 24, "imported")
    batch = store_rates(store, plan)
    assert (watch.look(), watch.look()) == (True, False)
    assert price(plant) == pytest.approx(0.02 + 0.092)
    assert planned(store, plant, prices()).known == batch
    later = store_rates(store, planned(store, plant, prices(180.0), 1))
    assert watch.look()
    assert price(plant) == pytest.approx(0.02 + 0.192)
    take_back(store, later.batch_id, by="import:anna", why="another zone", now=NOW)
    assert watch.look()
    assert price(plant) == pytest.approx(0.02 + 0.092), "the earlier import counts again"
    take_back(store, batch.batch_id, by="import:anna", why="tried", now=NOW)
    assert (watch.look(), price(plant)) == (True, None)


def test_a_change_of_what_is_known_is_reported_before_it_is_stored(store: Store, plant: Plant) -> None:
    store_rates(store, planned(store, plant, prices()))
    ImportedPrices(store, plant).look()
    plan = planned(store, plant, prices(180.0))
    assert (plan.new, plan.changed) == (0, 24)
    (summary,) = plan.summaries
    assert (summary.kind, summary.values, summary.lowest, summary.highest) == ("price", 24, 0.18, 0.203)
    assert (summary.first, summary.last) == (HOURS[0], HOURS[-1])


def test_factors_need_no_market_prices(store: Store) -> None:
    """A contract with fixed prices has the grid's factors by the hour, too."""
    plant = load_plant(Path("plant.toml"))
    before = plant.emission_factors(NOON)
    batch = store_rates(store, planned(store, plant, factors()))
    watch = ImportedPrices(store, plant)
    watch.look()
    assert plant.emission_factors(NOON) == Factors(0.4, before.market)
    assert plant.emission_factors(NOON + timedelta(days=2)) == before
    take_back(store, batch.batch_id, by="import:anna", why="tried", now=NOW)
    watch.look()
    assert plant.emission_factors(NOON) == before


def test_what_the_contract_cannot_use_is_refused_with_what_to_do(store: Store, plant: Plant) -> None:
    with pytest.raises(UnusablePrices, match=r'market_prices = "imported".*restart'):
        planned(store, a_plant(), prices())
    with pytest.raises(UnusablePrices, match="another unit"):
        planned(store, plant, factors(400_000.0))
    dollars = read(lines("time,Price [USD/MWh]", *(f"{at:%Y-%m-%dT%H:%MZ},5" for at in HOURS)), labels="begin")
    with pytest.raises(UnusablePrices, match="in USD, the contract in EUR"):
        planned(store, plant, dollars)
    with pytest.raises(UnreadableFile, match="no heading says a price"):
        planned(store, plant, read(lines("time,temperature", *(f"{at:%Y-%m-%dT%H:%MZ},5" for at in HOURS))))
    assert store.imports.newest() == ()


def test_of_several_market_prices_somebody_chooses(store: Store, tmp_path: Path) -> None:
    (tmp_path / "spot.csv").write_text("timestamp,price_per_kwh\n")
    bands = 'bands = [{ name = "m", price_per_kwh = 0.0 }]'
    offer = f'[[tariff.offers]]\nname = "Spot"\nmarket_prices = "spot.csv"\n{bands}\n\n# --- The quarter hour'
    plant = load_plant(a_plant_file(tmp_path, SPOT, ("# --- The quarter hour", offer)))
    with pytest.raises(NotProved, match=r"several market prices: imported, spot\.csv\. Use: --market") as asked:
        planned(store, plant, prices())
    assert asked.value.options == ("imported", "spot.csv")
    store_rates(store, planned(store, plant, prices(), market="spot.csv"))
    ImportedPrices(store, plant).look()
    assert (len(list(plant.market("spot.csv"))), len(list(plant.market("imported")))) == (24, 0)


def test_a_long_series_is_stored_in_parts_and_read_as_one(
    store: Store, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imported_rates, "AT_ONCE", 7)
    plan = planned(store, plant, prices())
    store_rates(store, plan)
    store.imported_rates.put(plan.rates)
    ImportedPrices(store, plant).look()
    assert [each.start for each in plant.market("imported")] == HOURS


def test_a_file_of_machines_with_a_price_beside_is_one_of_machines() -> None:
    text = lines("time,temperature,Price [EUR/MWh]", *(f"{at:%Y-%m-%dT%H:%MZ},5,80" for at in HOURS))
    content = read(text, labels="begin")
    assert [holds_rates(content, what) for what in ("auto", "prices", "energy")] == [False, True, False]
    assert holds_rates(prices(), "auto")


def test_the_command_stores_prices_where_services_find_them(
    store: Store, mongo_uri: str, mongo_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shown, asked about, stored once, and taken back."""
    env = {
        "ENERGYTRACK_MONGO_URI": mongo_uri,
        "ENERGYTRACK_MONGO_DATABASE": mongo_database,
        "ENERGYTRACK_PLANT_FILE": str(a_plant_file(tmp_path, SPOT)),
    }
    file = tmp_path / "day-ahead.csv"
    file.write_text(price_stretches(HOURS, [80.0 + i for i in range(24)]))
    command = [str(file), "--zone", PLANT_ZONE.key]
    main(env, [*command, "--show"])
    with pytest.raises(ImportDeclined, match="--yes"):
        main(env, command)
    assert store.imports.newest() == ()
    main(env, [*command, "--yes"])
    shown = capsys.readouterr().out
    assert "24 prices of them new, 0 changed" in shown
    (batch,) = store.imports.newest()
    main(env, [*command, "--yes"])
    assert "This is already stored" in capsys.readouterr().out
    main(env, ["--take-back", batch.batch_id, "--reason", "tried"])
    assert [each.state for each in store.imports.newest()] == ["taken_back"]
