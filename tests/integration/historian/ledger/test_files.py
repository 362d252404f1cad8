"""The energy ledger as the historian writes it, in a real database."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest

from energytrack.clock import ManualClock
from energytrack.ledger.day import Day
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.ledger.sums import total
from energytrack.messages import Reading
from energytrack.plant import Place
from energytrack.store import Store
from energytrack.store.telemetry.openings import Opening
from historian.filing import Filing
from historian.retention import Retention
from testkit import dates
from testkit.builders.control import a_store
from testkit.builders.ledger import a_day
from testkit.builders.messages import a_reading
from tests.integration.historian import filings
from tests.integration.historian.filings import PLANT, taken

START = dates.at_plant("mon", "22:00")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def a_filing(store: Store, clock: ManualClock, **settings: Any) -> Filing:
    """One that stores and recounts at once, unless said otherwise."""
    at_once: dict[str, Any] = {"ledger_every_seconds": 0.0, "recount_after_seconds": 0.0}
    return filings.a_filing(store, clock, **(at_once | settings))


def readings(
    count: int, *, start: datetime = START, device_id: str = "cnc-0007", every: timedelta = MINUTE
) -> list[Reading]:
    """A machine at 6 kW that idles in every third minute and makes 5 parts between two readings, whose register shows
    two decimals.
    """
    return [
        a_reading(
            device_id,
            timestamp=start + n * every,
            energy_kwh=round(1000.0 + 0.1 * n * (every / MINUTE), 2),
            state="idle" if n % 3 == 0 else "running",
            current=4.0 if n % 3 == 0 else 14.0,
            parts=48211.0 + 5.0 * n,
            scrap=311.0 + n // 4,
        )
        for n in range(count)
    ]


def filed(store: Store, clock: ManualClock, given: Sequence[Reading], *, per_batch: int = 20) -> None:
    """One historian files everything and stops."""
    filing = a_filing(store, clock)
    for start in range(0, len(given), per_batch):
        some = given[start : start + per_batch]
        clock.advance(max(0.0, (some[-1].timestamp - clock.now()).total_seconds()) + 1)
        filing.handle(taken(some))
        filing.settle()
    filing.finish()


def days(store: Store, device_id: str = "cnc-0007") -> list[Day]:
    return list(store.ledger.days([device_id], dates.MONDAY - 40 * DAY, dates.MONDAY + 40 * DAY))


def month_sums(store: Store) -> list[MonthSums]:
    """Those of all machines, on whichever side of a month's end the days lie; the earliest first."""
    found = store.rollups.months(dates.MONDAY - 40 * DAY, dates.MONDAY + 40 * DAY)
    return sorted(found, key=lambda each: (each.device_id, each.year, each.month, str(each.place)))


def spells(store: Store, device_id: str = "cnc-0007") -> list[tuple[float, float]]:
    """Seconds of each day in which the machine was idle, and running."""
    found = sorted(store.spells.since([device_id], dates.MONDAY - 40 * DAY), key=lambda day: day.start)
    return [
        (
            sum(each.seconds for each in day.spells if each.state == "idle"),
            sum(each.seconds for each in day.spells if each.state == "running"),
        )
        for day in found
    ]


def test_the_days_of_a_machine_are_in_the_ledger(store: Store, clock: ManualClock) -> None:
    """Four hours around midnight at 6 kW: two days, their quarter hours, their prices, the place of the machine."""
    filed(store, clock, readings(241))
    monday, tuesday = days(store)
    assert (monday.date, tuesday.date) == (dates.MONDAY, dates.MONDAY + DAY)
    assert monday.sums().kwh == pytest.approx(12.0)
    assert tuesday.sums().kwh == pytest.approx(12.0)
    assert (monday.sums().known_parts, tuesday.sums().known_parts) == (600.0, 600.0)
    assert {quarter.parts for quarter in monday.quarters()} == {None, 75.0}
    assert (monday.sums().known_scrap, tuesday.sums().known_scrap) == (30.0, 30.0)
    assert spells(store) == [(120.0 * MINUTE.total_seconds() / 3.0, 80.0 * MINUTE.total_seconds())] * 2
    assert store.meters.reading_spans()["cnc-0007"].since == START.timestamp()
    assert (monday.device_type, monday.line) == ("cnc_machine", "machining-a")
    assert [quarter.kwh for quarter in list(monday.quarters())[87:90]] == [None, *[pytest.approx(1.5)] * 2]
    assert 0.0 < (monday.sums().idle_kwh) < 12.0
    price = PLANT.price(START)
    assert price is not None
    assert monday.quarter(88).price_per_kwh == price.per_kwh
    assert total(each.sums for each in month_sums(store)).counted_kwh == pytest.approx(24.0)
    assert [each.sums for each in store.rollups.days(dates.MONDAY, dates.MONDAY)] == [monday.sums()]


def test_two_historians_that_share_out_a_machine_again_count_it_once(store: Store, clock: ManualClock) -> None:
    """One goes on from an old meter after the other has counted further: it lets go and takes up what is stored."""
    given = readings(120)
    first, second = a_filing(store, clock), a_filing(store, clock)
    clock.advance(3 * 3600)
    first.handle(taken(given[:40]))
    first.settle()
    clock.advance(1)
    first.handle(taken(given[40:50]))  # not stored in the ledger yet
    second.handle(taken(given[30:80]))
    clock.advance(1)
    second.settle()
    first.settle()
    clock.advance(1)
    first.handle(taken(given[80:]))
    first.finish()
    second.finish()
    (monday,) = days(store)
    assert monday.sums().kwh == pytest.approx(11.9)
    assert monday.sums().measured_seconds == 119 * 60


def test_two_historians_count_once_where_no_reading_is_looked_up(
    clock: ManualClock, mongo_uri: str, mongo_database: str
) -> None:
    """The one that is behind stores its days after the other has brought a newer meter, but no days yet."""
    given = readings(80)
    with closing(a_store(mongo_uri, mongo_database, index_readings=False)) as store:
        store.prepare()
        first, second = a_filing(store, clock), a_filing(store, clock)
        clock.advance(3 * 3600)
        first.handle(taken(given[:40]))
        first.settle()
        first.handle(taken(given[40:50]))
        second.handle(taken(given[50:60]))
        store.meters.put(second.meters.due(filed_before=float("inf"), most=1))
        clock.advance(1)
        first.settle()
        second.settle()
        second.handle(taken(given[60:]))
        second.finish()
        (monday,) = days(store)
        assert monday.sums().kwh == pytest.approx(7.9)


def test_the_ledger_is_kept_for_years_and_no_longer(store: Store, clock: ManualClock) -> None:
    """Days, their sums, and the meters that counting again would begin with."""
    old, years = dates.MONDAY - timedelta(days=6 * 366), dates.MONDAY - 100 * DAY
    filed(store, clock, readings(10))
    store.ledger.put([a_day(day=old), a_day(day=years)])
    store.openings.put([Opening("cnc-0007", years, None)])
    place = Place("cnc_machine", "machining-a")
    store.rollups.put([DaySums("cnc-0007", old, place, a_day().sums())], [])
    retention = Retention(store, clock=clock, ledger_years=5)
    gone = 0
    for _ in range(3):
        gone += retention.run_once()
        clock.advance(63)
    assert gone == 3
    assert store.ledger.day("cnc-0007", old) is None
    assert store.ledger.day("cnc-0007", years) is not None
    assert store.ledger.day("cnc-0007", dates.MONDAY) is not None


def test_only_what_is_counted_of_days_that_are_over_makes_a_new_edition(store: Store, clock: ManualClock) -> None:
    """Else bills and reports would be made again each time, as readings come each second."""
    given = readings(180)
    filing = a_filing(store, clock)

    def send(some: Sequence[Reading]) -> int:
        filing.handle(taken(some))
        for _ in range(30):
            clock.advance(1)
            filing.settle()
        return store.edition.current()

    clock.advance(110 * 60)
    assert send(given[:50]) == send(given[60:105]) == 0
    assert send(given[50:60]) == 0, "they are late, and of today"
    assert days(store)[0].revision == 2
    clock.advance(3600)
    assert send(given[105:160]) > 0, "Monday is over"
