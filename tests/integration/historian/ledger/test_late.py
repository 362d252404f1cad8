"""Readings that come late revise the ledger, in a real database."""

from collections.abc import Mapping
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.ledger.day import Day
from energytrack.store import Store
from historian.ledger.recount import Recount
from testkit.builders.control import a_store
from tests.integration.historian.filings import taken
from tests.integration.historian.ledger.test_files import START, a_filing, days, filed, readings, spells


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def test_late_readings_revise_the_day(store: Store, clock: ManualClock, mongo_uri: str) -> None:
    """Readings of half an hour come after those that follow them; the days are as if they had come in order."""
    given = [replace(each, energy_kwh=None) for each in readings(150)]  # without a register, a gap is not known
    filing = a_filing(store, clock)
    clock.advance(4 * 3600)
    filing.handle(taken(given[:30] + given[60:]))
    clock.advance(1)
    filing.settle()
    before = days(store)[0]
    assert before.sums().unknown_seconds == pytest.approx(31 * 60)
    filing.handle(taken(given[30:60]))
    for _ in range(30):
        clock.advance(1)
        filing.settle()
    filing.handle(taken(given[30:60]))  # delivered again: not late, and nothing is recounted
    for _ in range(30):
        clock.advance(1)
        filing.settle()
    filing.finish()
    monday = days(store)[0]
    assert monday.sums().unknown_seconds == 0.0
    assert monday.revision == 2
    assert [(each.why, each.kwh_before) for each in monday.revisions] == [("late readings", before.sums().kwh)]
    with closing(a_store(mongo_uri, store.link.database.name + "x")) as other:
        other.prepare()
        filed(other, ManualClock(START), given)
        unrevised = [replace(each, revision=1, revisions=()) for each in days(store)]
        assert unrevised == days(other)
        assert spells(store) == spells(other)
        other.link._client.drop_database(other.link.database.name)


def test_a_late_reading_is_not_forgotten_by_a_historian_that_dies(store: Store, clock: ManualClock) -> None:
    """The mark is in the store before the reading is."""
    given = [replace(each, energy_kwh=None) for each in readings(100)]
    filing = a_filing(store, clock, recount_after_seconds=30)
    clock.advance(3 * 3600)
    filing.handle(taken(given[:30] + given[60:99]))
    clock.advance(1)
    filing.settle()
    filing.handle(taken(given[30:60]))
    filing = a_filing(store, clock)
    filing.handle(taken(given[99:]))
    for _ in range(30):
        clock.advance(1)
        filing.settle()
    assert days(store)[0].sums().unknown_seconds == 0.0
    assert store.meters.counting(["cnc-0007"])["cnc-0007"].recount_from is None


def test_the_counters_of_a_machine_never_fall_when_it_is_counted_again(store: Store, clock: ManualClock) -> None:
    """A meter that was recounted goes on from totals that are at least those that exporters showed."""
    given = readings(100)
    filing = a_filing(store, clock)
    clock.advance(3 * 3600)
    filing.handle(taken(given[:30] + given[60:]))
    clock.advance(20)
    filing.settle()
    before = store.meters.get(["cnc-0007"])["cnc-0007"].totals
    filing.handle(taken(given[30:60]))
    for _ in range(30):
        clock.advance(1)
        filing.settle()
    filing.finish()
    after = store.meters.get(["cnc-0007"])["cnc-0007"].totals
    assert all(now >= then for now, then in zip(after, before, strict=True))
    assert after.billed == pytest.approx(before.billed)


def test_late_readings_leave_the_spells_of_the_day_before(store: Store, clock: ManualClock) -> None:
    """Counting again begins at midnight, with what the machine did before."""
    given = readings(720)
    late = given.pop(600)
    filing = a_filing(store, clock)
    clock.advance(12 * 3600)
    filing.handle(taken(given))
    clock.advance(1)
    filing.settle()
    monday = spells(store)[0]
    filing.handle(taken([late]))
    for _ in range(30):
        clock.advance(1)
        filing.settle()
    filing.finish()
    assert days(store)[1].revision == 2
    assert spells(store)[0] == monday


def test_late_readings_of_the_first_minutes_of_a_day_reach_the_day_before(store: Store, clock: ManualClock) -> None:
    """The last reading that adds to that day is an earlier one than before, and the day is replaced all the same."""
    given = [replace(each, energy_kwh=None) for each in readings(170, start=START + timedelta(seconds=30))]
    filing = a_filing(store, clock)
    clock.advance(4 * 3600)
    filing.handle(taken(given[:120] + given[150:]))
    clock.advance(1)
    filing.settle()
    monday = days(store)[0]
    assert monday.sums().unknown_seconds == pytest.approx(30)
    filing.handle(taken(given[120:150]))
    for _ in range(30):
        clock.advance(1)
        filing.settle()
    filing.finish()
    assert [day.sums().unknown_seconds for day in days(store)] == [0.0, 0.0]
    assert days(store)[0].through == monday.through
    assert store.meters.counting(["cnc-0007"])["cnc-0007"].recount_from is None


def test_late_readings_are_not_forgotten_where_somebody_else_writes_the_day(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a rebuild may, between the reading of a day and its writing: the day is recounted once more."""
    given = [replace(each, energy_kwh=None) for each in readings(100)]
    filing = a_filing(store, clock)
    clock.advance(3 * 3600)
    filing.handle(taken(given[:30] + given[60:99]))
    clock.advance(1)
    filing.settle()
    recounted, written = Recount.days, list[Day]()

    def meanwhile(recount: Recount, stored: Mapping[date, Day], **how: Any) -> list[Day]:
        made = recounted(recount, stored, **how)
        if not written:
            written.extend(replace(day, price_version="rebuilt") for day in stored.values())
            before = {(day.device_id, day.date): day for day in stored.values()}
            assert not store.ledger.put(written, instead_of=before)
        return made

    monkeypatch.setattr(Recount, "days", meanwhile)
    filing.handle(taken(given[30:60]))
    for _ in range(30):
        clock.advance(1)
        filing.settle()
    assert written
    assert days(store)[0].sums().unknown_seconds > 0.0
    filing.handle(taken(given[99:]))
    for _ in range(30):
        clock.advance(1)
        filing.settle()
    assert days(store)[0].sums().unknown_seconds == 0.0
    assert days(store)[0].price_version == "rebuilt"
    assert store.meters.counting(["cnc-0007"])["cnc-0007"].recount_from is None
