"""Imports in a real database: nothing is there twice, and all of it can be taken back."""

from collections.abc import Callable
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
from energytrack.store.operations.machines import MachineRecord
from energytrack.store.telemetry.imports import Batch, ImportedDay
from testkit.builders.import_files import columns, lines, price_stretches, starts
from testkit.dates import MONDAY, PLANT_ZONE, at_plant

NOW = at_plant("mon", "11:00")
YESTERDAY = MONDAY - timedelta(days=1)
KEEP = timedelta(days=30)
HOUR = timedelta(hours=1)


def read(text: str, **choices: str) -> Content:
    given = Choices(**{"device": "cnc-0007", **choices})  # type: ignore[arg-type]
    return read_bytes(text.encode(), "m.csv", given, plant_zone="Europe/Berlin")


def energy(value: str = "0,250", *, device: str = "cnc-0007") -> Content:
    text = columns(starts(YESTERDAY, 1), "%Y-%m-%dT%H:%M%z", value=value)
    return read(text, values="interval", device=device)


def signals(*, device: str = "cnc-0007") -> Content:
    rows = [f"{at:%Y-%m-%dT%H:%MZ},{20 + i / 8},{i}" for i, at in enumerate(starts(YESTERDAY, 1))]
    return read(lines("time,temperature,flow", *rows), device=device)


def imported(store: Store, content: Content) -> Batch:
    planned = plan(store, content, Choices(device="cnc-0007"), by="import:maria", now=NOW, zone=PLANT_ZONE, keep=KEEP)
    return store_batch(store, content, planned, zone=PLANT_ZONE, keep=KEEP)


def test_energy_is_there_by_day_and_quarter_hour(store: Store) -> None:
    batch = imported(store, energy())
    (day,) = store.imports.days("cnc-0007", YESTERDAY, MONDAY)
    assert (day.date, day.kwh, day.batch_id) == (YESTERDAY, (0.25,) * 96, batch.batch_id)
    assert (batch.kwh, batch.quarters, batch.state) == (24.0, 96, "stored")
    assert store.imports.newest() == (batch,)


def test_the_same_file_twice_is_there_once(store: Store) -> None:
    first = imported(store, energy())
    planned = plan(store, energy(), Choices(), by="import:max", now=NOW + HOUR, zone=PLANT_ZONE, keep=KEEP)
    assert planned.known == first
    assert store_batch(store, energy(), planned, zone=PLANT_ZONE, keep=KEEP) == first
    assert len(list(store.imports.days("cnc-0007", YESTERDAY, MONDAY))) == 1


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
    assert len(list(store.imports.days("cnc-0007", YESTERDAY, MONDAY))) == 1
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


def renamed(store: Store, before: str, after: str) -> None:
    store.machines.put(MachineRecord(f"{before}-{after}", before, "renamed", "maria", NOW, "another hall", to=after))
    store.machines.rename(before, after)


def failures(device: str) -> Content:
    """What a maintenance system lists, and lists again next month."""
    rows = lines(f"{YESTERDAY}T12:00:00Z;{device};Ausfall;Lager", f"{YESTERDAY}T18:00:00Z;{device};Reparatur;Lager")
    return read(lines("Datum;Equipment-Nr;Art;Bauteil") + rows)


@pytest.mark.parametrize("content", [energy, signals, lambda **said: failures(said.get("device", "cnc-0007"))])
def test_an_import_that_is_repeated_after_a_machine_was_renamed_stores_nothing_twice(
    store: Store, content: Callable[..., Content]
) -> None:
    """Under its old name, which the file may have, and under its new one; and all of it can be taken back."""
    first = imported(store, content())
    renamed(store, "cnc-0007", "cnc-0008")
    renamed(store, "cnc-0008", "cnc-0009")
    for device in ("cnc-0007", "cnc-0009"):
        again = imported(store, content(device=device))
        assert (again.batch_id, again.machines) == (first.batch_id, ("cnc-0009",))
    assert len(store.imports.newest()) == 1
    days = list(store.imports.days("cnc-0009", YESTERDAY, MONDAY))
    events = list(store.events.of_device("cnc-0009", since=NOW - KEEP, until=NOW))
    count = store.readings.count("cnc-0009", since=NOW - KEEP, until=NOW)
    assert (len(days), len(events), count) == (first.kwh is not None, first.events, first.readings)
    take_back(store, first.batch_id, by="maria", why="wrong", now=NOW)
    assert list(store.imports.days("cnc-0009", YESTERDAY, MONDAY)) == []
    assert list(store.events.of_device("cnc-0009", since=NOW - KEEP, until=NOW)) == []
    assert store.readings.count("cnc-0009", since=NOW - KEEP, until=NOW) == 0


def test_an_import_that_a_renaming_interrupted_is_stored_once(store: Store) -> None:
    planned = plan(store, energy(), Choices(), by="maria", now=NOW, zone=PLANT_ZONE, keep=KEEP)
    store.imports.put(planned.batch)
    store.imports.put_days([ImportedDay(planned.batch.batch_id, "cnc-0007", YESTERDAY, 0.0, (0.25,) * 96)])
    renamed(store, "cnc-0007", "cnc-0008")
    again = imported(store, energy(device="cnc-0008"))
    assert (again.batch_id, again.state) == (planned.batch.batch_id, "stored")
    assert len(list(store.imports.days("cnc-0008", YESTERDAY, MONDAY))) == 1


def test_what_the_ledger_has_to_take_over_keeps_its_note_when_the_old_name_is_used_again(store: Store) -> None:
    """Another machine got the name, and an import of its own on the same day."""
    batch = imported(store, energy())
    renamed(store, "cnc-0007", "cnc-0008")
    store.imports.mark(batch.batch_id, [("cnc-0007", YESTERDAY)])
    assert {name: len(days) for name, days in store.imports.marked(10).items()} == {"cnc-0007": 1, "cnc-0008": 1}


def test_a_list_that_tells_the_same_failures_again_adds_none_under_the_new_name(store: Store) -> None:
    imported(store, failures("cnc-0007"))
    renamed(store, "cnc-0007", "cnc-0008")
    more = lines(f"{YESTERDAY}T20:00:00Z;cnc-0008;Ausfall;Spindel")
    listed = "".join(
        f"{at}T{hour}:00:00Z;cnc-0008;{what};Lager\n" for at, hour, what in (
            (YESTERDAY, 12, "Ausfall"), (YESTERDAY, 18, "Reparatur"),
        )
    )  # fmt: skip
    imported(store, read(lines("Datum;Equipment-Nr;Art;Bauteil") + listed + more))
    assert len(list(store.events.of_device("cnc-0008", since=NOW - KEEP, until=NOW))) == 3


def test_the_next_file_is_of_the_machine_by_its_new_name(store: Store) -> None:
    batch = imported(store, energy())
    renamed(store, "cnc-0007", "cnc-0008")
    profile = profile_for(store, batch.headings)
    assert profile is not None
    assert profile.device == "cnc-0008"


def test_another_machine_with_the_same_values_is_another_import(store: Store) -> None:
    imported(store, energy())
    assert imported(store, energy(device="cnc-0008")).machines == ("cnc-0008",)
    assert len(store.imports.newest()) == 2
