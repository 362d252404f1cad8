"""Readings that come late revise the ledger, in a real database."""

from contextlib import closing

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.store import Store
from testkit.builders.control import a_store
from tests.integration.historian.filings import taken
from tests.integration.historian.test_ledger import START, a_filing, days, filed, readings, spells


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
    filing.handle(taken(given[30:60]))  # delivered again: not late, and nothing is counted anew
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


def test_the_counters_of_a_machine_never_fall_when_it_is_counted_anew(store: Store, clock: ManualClock) -> None:
    """A meter that was counted anew goes on from totals that are at least those that exporters showed."""
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
    """Counting anew begins at midnight, with what the machine did before."""
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
