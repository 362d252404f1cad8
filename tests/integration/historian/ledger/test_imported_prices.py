"""Imported prices reach the days of the ledger, in a real database, and go with their batch."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.importer.choices import Choices
from energytrack.importer.destinations.batches import take_back
from energytrack.importer.destinations.rates import plan_rates, store_rates
from energytrack.importer.reader import read_bytes
from energytrack.plant import Plant, load_plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import Batch
from historian.filing import Filing
from testkit import dates
from testkit.builders.import_files import price_stretches, starts
from testkit.builders.plants import SPOT, a_plant_file
from tests.integration.historian import filings
from tests.integration.historian.filings import taken
from tests.integration.historian.ledger.test_files import START, days, readings
from tests.integration.historian.ledger.test_imports import SATURDAY, imported, kwh


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def priced(
    store: Store, clock: ManualClock, plant: Plant, first: float = 80.0, *, count: int = 4, minutes: int = 0,
    since: date = SATURDAY,
) -> Batch:  # fmt: skip
    """Hourly prices from a day on, each day the same."""
    moments = starts(since, count, step=timedelta(hours=1))
    text = price_stretches(moments, [first + i % 24 for i in range(len(moments))])
    content = read_bytes(text.encode(), "spot.csv", Choices(zone="Europe/Berlin"), plant_zone="Europe/Berlin")
    store.imports.prepare()
    at = clock.now() + timedelta(minutes=minutes)
    return store_rates(store, plan_rates(store, content, Choices(), plant=plant, by="import:anna", now=at))


def turned(filing: Filing, store: Store, clock: ManualClock) -> None:
    """The historian between batches, until nothing is noted any more."""
    for _ in range(6):
        clock.advance(10)
        filing.settle()
    assert store.imports.marked(10) == {}


def test_energy_without_a_price_gets_the_imported_one_and_loses_it_with_its_import(
    store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    """What had a price keeps it: a new price never changes the past. What was priced before stays so after an undo."""
    plant = load_plant(a_plant_file(tmp_path, SPOT))
    filing = filings.a_filing(store, clock, plant=plant)
    imported(store, clock, count=2)
    turned(filing, store, clock)
    assert [day.sums().cost for day in days(store)] == [0.0, 0.0]
    assert all(price is None for day in days(store) for price in day.price_per_kwh)
    first = priced(store, clock, plant, count=1)
    turned(filing, store, clock)
    saturday, sunday = days(store)
    hours = [0.02 + (80.0 + i) / 1000 for i in range(24)]
    assert saturday.sums().cost == pytest.approx(sum(hours))
    assert set(sunday.price_per_kwh) == {None}, "unknown, not free"
    assert saturday.revision == 2
    second = priced(store, clock, plant, 180.0, count=2, minutes=1)
    turned(filing, store, clock)
    saturday, sunday = days(store)
    assert saturday.sums().cost == pytest.approx(sum(hours)), "it had a price"
    assert sunday.sums().cost == pytest.approx(sum(hours) + 24 * 0.1)
    take_back(store, second.batch_id, by="import:anna", why="another zone", now=clock.now())
    turned(filing, store, clock)
    saturday, sunday = days(store)
    assert saturday.sums().cost == pytest.approx(sum(hours))
    assert set(sunday.price_per_kwh) == {None}
    take_back(store, first.batch_id, by="import:anna", why="tried", now=clock.now())
    turned(filing, store, clock)
    assert [day.sums().cost for day in days(store)] == [0.0, 0.0]
    assert kwh(store) == [24.0, 24.0], "the energy is what it was"


def test_the_day_that_is_being_counted_gets_an_imported_price(store: Store, clock: ManualClock, tmp_path: Path) -> None:
    plant = load_plant(a_plant_file(tmp_path, SPOT))
    filing = filings.a_filing(store, clock, plant=plant, ledger_every_seconds=0.0)
    given = readings(121)
    for start in range(0, 60, 20):
        clock.advance(max(0.0, (given[start + 19].timestamp - clock.now()).total_seconds()) + 1)
        filing.handle(taken(given[start : start + 20]))
        filing.settle()
    assert days(store)[-1].sums().cost == 0.0
    priced(store, clock, plant)
    turned(filing, store, clock)
    for start in range(60, 120, 20):
        clock.advance(max(0.0, (given[start + 19].timestamp - clock.now()).total_seconds()) + 1)
        filing.handle(taken(given[start : start + 20]))
        filing.settle()
    filing.finish()
    used = sum(day.sums().kwh or 0.0 for day in days(store))
    cost = sum(day.sums().cost or 0.0 for day in days(store))
    assert used == pytest.approx(11.9, abs=0.05)
    assert 0.122 * used <= cost <= 0.123 * used, "of 22 and 23 o'clock"


def test_a_day_that_begins_with_the_first_batch_has_the_imported_price(
    store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    """The historian was down when prices were imported, and has a new day to count at once."""
    priced(store, clock, load_plant(a_plant_file(tmp_path, SPOT)))
    filing = filings.a_filing(store, clock, plant=load_plant(a_plant_file(tmp_path, SPOT)), ledger_every_seconds=0.0)
    filing.handle(taken(readings(60)))
    turned(filing, store, clock)
    filing.finish()
    assert None not in days(store)[-1].price_per_kwh


def test_a_day_that_only_the_historian_knows_gets_an_imported_price(
    store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    """A machine's first day after a pause is in memory alone for a while, so that no import notes it; nor an undo."""
    plant = load_plant(a_plant_file(tmp_path, SPOT))
    filing = filings.a_filing(store, clock, plant=plant, ledger_every_seconds=1e6)
    clock.advance(3600)
    filing.handle(taken(readings(60)))
    filing.settle()
    later = [replace(each, timestamp=each.timestamp + timedelta(days=3)) for each in readings(60)]
    clock.advance(3 * 24 * 3600)
    filing.handle(taken(later[:30]))
    batch = priced(store, clock, plant, since=dates.MONDAY + timedelta(days=3))
    turned(filing, store, clock)
    assert [day.date for day in days(store)] == [dates.MONDAY], "the other day is in memory only"
    filing.finish()
    monday, *_, thursday = days(store)
    assert set(monday.price_per_kwh) == {None}
    assert set(thursday.price_batches) == {batch.batch_id}
    assert thursday.sums().unpriced_kwh == 0.0

    filing.handle(taken(later[30:]))
    take_back(store, batch.batch_id, by="import:anna", why="another zone", now=clock.now())
    turned(filing, store, clock)
    filing.finish()
    assert {price for day in days(store) for price in day.price_per_kwh} == {None}


def test_a_day_that_is_stored_while_an_import_is_taken_over_gets_its_price(
    store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    """The import notes the day before, which the historian stores with all it has; no more readings come."""
    plant = load_plant(a_plant_file(tmp_path, SPOT))
    filing = filings.a_filing(store, clock, plant=plant, ledger_every_seconds=1e6)
    given = readings(241)
    clock.advance(5 * 3600)
    filing.handle(taken(given[:60]))
    filing.settle()
    filing.handle(taken(given[60:]))
    priced(store, clock, plant)
    turned(filing, store, clock)
    assert [day.sums().unpriced_kwh for day in days(store)] == [0.0, 0.0]


def test_taking_prices_back_leaves_the_same_prices_of_another_import(
    store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    """Energy that got its price from one import keeps it when an equal one goes, whatever a third one says since."""
    plant = load_plant(a_plant_file(tmp_path, SPOT))
    filing = filings.a_filing(store, clock, plant=plant)
    imported(store, clock, count=1)
    first = priced(store, clock, plant, count=1)
    turned(filing, store, clock)
    cost, revision = days(store)[0].sums().cost, days(store)[0].revision
    equal = priced(store, clock, plant, count=2, minutes=1)
    third = priced(store, clock, plant, 280.0, count=1, minutes=2)
    turned(filing, store, clock)
    take_back(store, equal.batch_id, by="import:anna", why="twice", now=clock.now())
    turned(filing, store, clock)
    assert days(store)[0].sums().cost == pytest.approx(cost), "its price is the first import's"
    assert days(store)[0].revision == revision, "and nothing changed"
    take_back(store, first.batch_id, by="import:anna", why="wrong", now=clock.now())
    turned(filing, store, clock)
    assert days(store)[0].sums().cost == pytest.approx((cost or 0.0) + 24 * 0.2), "the one that counts now"
    take_back(store, third.batch_id, by="import:anna", why="wrong, too", now=clock.now())
    turned(filing, store, clock)
    assert set(days(store)[0].price_per_kwh) == {None}


def test_a_day_that_was_stored_after_an_undo_loses_the_price_with_the_next_reading(
    store: Store, clock: ManualClock, tmp_path: Path
) -> None:
    """The undo found no document of it, and the historian was killed before it looked."""
    plant = load_plant(a_plant_file(tmp_path, SPOT))
    batch = priced(store, clock, plant)
    filing = filings.a_filing(store, clock, plant=plant, ledger_every_seconds=1e6)
    clock.advance(3600)
    filing.handle(taken(readings(60)))
    take_back(store, batch.batch_id, by="import:anna", why="another zone", now=clock.now())
    filing.finish()
    assert set(days(store)[-1].price_batches) == {batch.batch_id}
    other = filings.a_filing(store, clock, plant=load_plant(a_plant_file(tmp_path, SPOT)), ledger_every_seconds=0.0)
    turned(other, store, clock)
    other.handle(taken(readings(61)[60:]))
    other.finish()
    assert set(days(store)[-1].price_per_kwh) == {None}
