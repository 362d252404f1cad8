"""A historian takes up, from a real database, what one that was killed has left."""

from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.ledger.day import Day
from energytrack.store import Store
from energytrack.store.telemetry.rollups import Rollups
from historian.filing import Filing
from testkit import dates
from testkit.builders.control import a_store
from testkit.builders.messages import a_reading
from tests.integration.historian.filings import taken
from tests.integration.historian.ledger.test_files import (
    MINUTE,
    START,
    a_filing,
    days,
    filed,
    month_sums,
    readings,
    spells,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_it_counts_the_same(store: Store, clock: ManualClock, mongo_uri: str, seed: int) -> None:
    """A historian that dies after any batch, with and without having stored anything, and one that never dies."""
    given = readings(180) + readings(180, start=START + timedelta(hours=7))
    given = [*given[:180], *(replace(each, energy_kwh=(each.energy_kwh or 0) + 42.0) for each in given[180:])]
    filing = a_filing(store, clock)
    for n, start in enumerate(range(0, len(given), 12)):
        some = given[max(0, start - 7 * (n % 2)) : start + 12]  # what was not committed comes again
        clock.advance(max(0.0, (some[-1].timestamp - clock.now()).total_seconds()) + 1)
        filing.handle(taken(some))
        if (n * 7 + seed) % 3:
            filing.settle()
        if (n + seed) % 4 == 0:
            filing = a_filing(store, clock)  # the one before is gone, with all that it had in mind
    filing.finish()
    with closing(a_store(mongo_uri, store.link.database.name + "x")) as other:
        other.prepare()
        filed(other, ManualClock(START), given)
        assert days(store) == days(other)
        assert spells(store) == spells(other) != []
        assert month_sums(store) == month_sums(other) != []
        other.link._client.drop_database(other.link.database.name)


def test_a_machine_that_falls_silent_is_counted_to_its_end(store: Store, clock: ManualClock) -> None:
    """Its historian is killed after its last readings were stored, and nothing of it ever comes again."""
    killed = a_filing(store, clock)
    clock.advance(31 * 60)
    killed.handle(taken(readings(31)))
    assert days(store) == []
    other = a_filing(store, clock, ledger_every_seconds=60.0)
    other.share_out_again()
    other.settle()
    assert days(store) == []  # it may still send, or be another historian's
    for _ in range(3):
        clock.advance(61)
        other.settle()
    (monday,) = days(store)
    assert monday.sums().kwh == pytest.approx(3.0)


def test_a_database_that_breaks_off_while_readings_are_counted_again_loses_none(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first reading after the ledger asks for its day, which is not there yet: its energy counts."""
    given = readings(30)
    killed = a_filing(store, clock)
    clock.advance(31 * 60)
    killed.handle(taken(given[:1]))
    killed.settle()
    assert days(store) == []
    killed.handle(taken(given[1:]))
    metered, broken_off = store.ledger.metered, iter([True])

    def breaks_off_once(keys: Collection[tuple[str, date]]) -> Mapping[tuple[str, date], Day]:
        if next(broken_off, False):
            raise StoreUnavailable("db:27017", "away")
        return metered(keys)

    monkeypatch.setattr(store.ledger, "metered", breaks_off_once)
    other = a_filing(store, clock)
    other.meters.load(["cnc-0007"])
    assert next(broken_off, None) is None
    other.finish()
    (monday,) = days(store)
    assert monday.sums().kwh == pytest.approx(2.9)
    assert monday.sums().measured_seconds == 29 * 60


def test_a_plant_is_taken_up_in_a_few_questions(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many machines: only the readings since are asked for one by one."""
    names = [f"cnc-{number:04d}" for number in range(1, 251)]
    filing = a_filing(store, clock)
    for n in range(3):
        at = START + n * MINUTE
        filing.handle(taken([a_reading(name, timestamp=at, energy_kwh=10.0 + n) for name in names]))
    before = {name: state_of(filing, name) for name in names}
    filing.finish()
    asked: Counter[str] = Counter()
    collection = store.link.collection

    def counted(name: str) -> Any:
        asked[name] += 1
        return collection(name)

    monkeypatch.setattr(store.link, "collection", counted)
    again = a_filing(store, clock)
    again.meters.load(names)
    assert {name: state_of(again, name) for name in names} == before
    assert (asked["ledger"], asked["spells"], asked["finished_parts_marks"]) == (1, 1, 1)
    assert asked["ledger_months"] == asked["meters"] == 3
    assert asked["readings"] == len(names)
    assert asked.total() == 1 + 1 + 1 + 3 + 3 + len(names)


def state_of(filing: Filing, name: str) -> tuple[object, ...]:
    machine = filing.meters.get(name)
    assert machine is not None
    return machine.meter, [day.day() for day in machine.days], machine.counters, machine.since


def test_a_kill_between_a_day_and_its_sums_leaves_no_wrong_sums(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day is over, no reading adds to it any more: whoever takes up the machine sums it up."""

    def killed(*_: object) -> None:
        raise SystemExit(137)

    given = readings(150)
    filing = a_filing(store, clock)
    clock.advance(4 * 3600)
    filing.handle(taken(given[:119]))
    filing.settle()
    filing.handle(taken(given[119:140]))
    clock.advance(1)
    with monkeypatch.context() as patched:
        patched.setattr(Rollups, "put", killed)
        with pytest.raises(SystemExit):
            filing.settle()
    assert [each.sums for each in store.rollups.days(dates.MONDAY, dates.MONDAY)] != [days(store)[0].sums()]
    filed(store, clock, given[140:])
    assert [each.sums for each in store.rollups.days(dates.MONDAY, dates.MONDAY)] == [days(store)[0].sums()]
    assert sum(each.sums.counted_kwh for each in month_sums(store)) == pytest.approx(
        sum(day.sums().counted_kwh for day in days(store))
    )
