"""Imports in a real database: nothing is there twice, and all of it can be taken back."""

from datetime import timedelta

import msgspec
import pytest

from energytrack.importer.choices import Choices
from energytrack.importer.content import Content
from energytrack.importer.destinations.batches import (
    NothingToStore,
    UnknownBatch,
    plan,
    profile_for,
    readings_of,
    store_batch,
    take_back,
)
from energytrack.importer.reader import read_bytes
from energytrack.store import Store
from energytrack.store.telemetry.imports import Batch
from testkit.builders.import_files import columns, lines, price_stretches, starts
from testkit.dates import DAY, NOW, PLANT_ZONE

YESTERDAY = DAY - timedelta(days=1)
KEEP = timedelta(days=30)
HOUR = timedelta(hours=1)


def read(text: str, **choices: str) -> Content:
    given = Choices(**{"device": "cnc-0007", **choices})  # type: ignore[arg-type]
    return read_bytes(text.encode(), "m.csv", given, plant_zone="Europe/Berlin")


def energy(value: str = "0,250") -> Content:
    return read(columns(starts(YESTERDAY, 1), "%Y-%m-%dT%H:%M%z", value=value), values="interval")


def signals() -> Content:
    rows = [f"{at:%Y-%m-%dT%H:%MZ},{20 + i / 8},{i}" for i, at in enumerate(starts(YESTERDAY, 1))]
    return read(lines("time,temperature,flow", *rows))


def imported(store: Store, content: Content) -> Batch:
    planned = plan(store, content, Choices(device="cnc-0007"), by="import:maria", now=NOW, zone=PLANT_ZONE, keep=KEEP)
    return store_batch(store, content, planned, zone=PLANT_ZONE, keep=KEEP)


def test_energy_is_there_by_day_and_quarter_hour(store: Store) -> None:
    batch = imported(store, energy())
    (day,) = store.imports.days("cnc-0007", YESTERDAY, DAY)
    assert (day.date, day.kwh, day.batch_id) == (YESTERDAY, (0.25,) * 96, batch.batch_id)
    assert (batch.kwh, batch.quarters, batch.state) == (24.0, 96, "stored")
    assert store.imports.newest() == (batch,)


def test_the_same_file_twice_is_there_once(store: Store) -> None:
    first = imported(store, energy())
    planned = plan(store, energy(), Choices(), by="import:max", now=NOW + HOUR, zone=PLANT_ZONE, keep=KEEP)
    assert planned.known == first
    assert store_batch(store, energy(), planned, zone=PLANT_ZONE, keep=KEEP) == first
    assert len(list(store.imports.days("cnc-0007", YESTERDAY, DAY))) == 1


def test_an_import_that_was_interrupted_is_stored_again(store: Store) -> None:
    """What it had stored by then is there once."""
    content = signals()
    planned = plan(store, content, Choices(), by="import:maria", now=NOW, zone=PLANT_ZONE, keep=KEEP)
    store.imports.put(planned.batch)
    store.readings.put_batch(list(readings_of(content, "auto", since=None))[:50], planned.batch.batch_id)
    imported(store, content)
    assert store.readings.count("cnc-0007", since=NOW - 3 * KEEP, until=NOW) == 96
    assert store.readings.take_back(planned.batch.batch_id) == 96


def test_readings_of_files_are_readings(store: Store) -> None:
    imported(store, signals())
    found = list(store.readings.stream(["cnc-0007"], since=NOW - KEEP, until=NOW))
    assert [(one.temperature, one.signals) for one in found[:2]] == [(20.0, {"flow": 0.0}), (20.125, {"flow": 1.0})]


def test_readings_that_the_database_would_delete_are_left_out(store: Store) -> None:
    content = signals()
    planned = plan(store, content, Choices(), by="x", now=NOW, zone=PLANT_ZONE, keep=NOW - starts(YESTERDAY, 1)[48])
    assert (planned.batch.readings, planned.too_old) == (48, 48)


def test_an_import_is_taken_back_whole(store: Store) -> None:
    """That it was there, who took it back and why stays; other imports stay."""
    kept, gone = imported(store, energy()), imported(store, signals())
    taken = take_back(store, gone.batch_id, by="grafana:maria", why="wrong machine", now=NOW)
    assert (taken.state, taken.taken_back_by, taken.taken_back_why) == ("taken_back", "grafana:maria", "wrong machine")
    assert store.readings.count("cnc-0007", since=NOW - KEEP, until=NOW) == 0
    assert len(list(store.imports.days("cnc-0007", YESTERDAY, DAY))) == 1
    with pytest.raises(UnknownBatch):
        take_back(store, gone.batch_id, by="x", why="again", now=NOW)
    assert imported(store, signals()).state == "stored"
    assert store.imports.get(kept.batch_id) == kept


def test_events_are_imported_once_and_taken_back(store: Store) -> None:
    text = lines("Datum;Equipment-Nr;Art;Bauteil", f"{YESTERDAY}T12:00:00Z;cnc-0007;Ausfall;Lager")
    batch = imported(store, read(text))
    (event,) = store.events.of_device("cnc-0007", since=NOW - KEEP, until=NOW)
    assert event == read(text).events[0]
    take_back(store, batch.batch_id, by="x", why="y", now=NOW)
    assert list(store.events.of_device("cnc-0007", since=NOW - KEEP, until=NOW)) == []


def test_another_import_of_the_same_days_is_named(store: Store) -> None:
    imported(store, energy())
    planned = plan(store, energy("0,300"), Choices(), by="x", now=NOW, zone=PLANT_ZONE, keep=KEEP)
    assert (planned.known, planned.overlaps) == (None, 1)


def test_the_next_file_of_this_kind_is_read_likewise(store: Store) -> None:
    batch = imported(store, energy())
    profile = profile_for(store, batch.headings)
    assert profile is not None
    assert (profile.device, profile.values, profile.labels) == ("cnc-0007", "interval", "begin")
    assert msgspec.convert(batch.choices, Choices) == profile
    assert profile_for(store, "other | headings") is None


def test_nothing_is_no_import(store: Store) -> None:
    with pytest.raises(NothingToStore):
        imported(store, Content("empty.csv"))


def test_prices_are_no_machines_and_the_way_to_the_contract_is_named(store: Store) -> None:
    prices = read(price_stretches(starts(YESTERDAY, 1, step=HOUR), range(24)), zone=PLANT_ZONE.key)
    with pytest.raises(NothingToStore, match="--what prices"):
        imported(store, prices)


def test_a_day_that_is_noted_again_while_it_is_taken_over_stays_noted(store: Store) -> None:
    """The import is taken back meanwhile, and another one of the same day is being stored."""
    batch = imported(store, energy())
    taken_over = store.imports.marked(10)["cnc-0007"]
    store.imports.unmark("cnc-0007", taken_over[:0])
    assert store.imports.marked(10) == {"cnc-0007": taken_over}
    take_back(store, batch.batch_id, by="maria", why="wrong", now=NOW)
    store.imports.put(msgspec.structs.replace(batch, batch_id="another", state="storing"))
    store.imports.mark("another", [("cnc-0007", YESTERDAY)])
    store.imports.unmark("cnc-0007", taken_over)
    (again,) = store.imports.marked(10)["cnc-0007"]
    assert again.date == YESTERDAY, "the day has to lose the energy of the import"
    store.imports.unmark("cnc-0007", [again])
    assert store.imports.marked(10) == {}
    store.imports.put(msgspec.structs.replace(batch, batch_id="another"))
    assert [noted.date for noted in store.imports.marked(10)["cnc-0007"]] == [YESTERDAY]
