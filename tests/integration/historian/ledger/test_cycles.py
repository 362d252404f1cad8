"""Parts of machines without a counter, estimated from the cycles in their stored current, in a real database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from energytrack.clock import ManualClock
from energytrack.ledger.day import Day
from energytrack.messages import Reading
from energytrack.plant import Plant, load_plant
from energytrack.store import Store
from historian.filing import Filing
from historian.rebuild import rebuild
from testkit import dates
from testkit.builders.messages import a_reading
from testkit.builders.plants import a_plant_file
from tests.integration.historian import filings
from tests.integration.historian.filings import taken

START = dates.at_plant("mon", "09:45")
SECOND = timedelta(seconds=1)
HOURS = 2.3
QUARTERS = slice(39, 48)
"""From a quarter to ten until noon."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """Drills make a part in each cycle of their current."""
    file_events = ("drill = { cycle_seconds = 40.0 }", "drill = { cycle_seconds = 40.0, parts_per_cycle = 1 }")
    return load_plant(a_plant_file(tmp_path_factory.mktemp("plant"), file_events))


def readings(device_id: str, *, parts: bool = False) -> Iterator[Reading]:
    """A drill with cycles of 42 seconds, read every third one, at 3 kW."""
    for n in range(round(HOURS * 3600 / 3)):
        yield a_reading(
            device_id, timestamp=START + 3 * n * SECOND, device_type="drill", line="drilling", state="running",
            current=9.0 if n % 14 < 8 else 4.0, energy_kwh=1000.0 + 0.0025 * n, parts=100.0 + n if parts else None,
            scrap=None,
        )  # fmt: skip


def a_filing(store: Store, clock: ManualClock, plant: Plant) -> Filing:
    return filings.a_filing(store, clock, plant=plant, ledger_every_seconds=0.0)


def filed(filing: Filing, clock: ManualClock, given: Iterator[Reading]) -> None:
    some = list(given)
    for start in range(0, len(some), 500):
        filing.handle(taken(some[start : start + 500]))
    clock.advance(max(0.0, (some[-1].timestamp - clock.now()).total_seconds()))


def settled(filing: Filing, clock: ManualClock) -> None:
    turns(filing, clock, 20)
    filing.finish()


def turns(filing: Filing, clock: ManualClock, count: int) -> None:
    for _ in range(count):
        clock.advance(70.0)
        filing.settle()


def the_day(store: Store, device_id: str) -> Day:
    (day,) = store.ledger.days([device_id], dates.MONDAY, dates.MONDAY)
    return day


def test_parts_are_estimated_where_a_machine_counts_none(store: Store, clock: ManualClock, plant: Plant) -> None:
    """They are marked, in the day and in the sums; a counter goes before them."""
    filing = a_filing(store, clock, plant)
    filed(filing, clock, readings("drill-0001"))
    filed(filing, clock, readings("drill-0002", parts=True))
    settled(filing, clock)
    day, counted = the_day(store, "drill-0001"), the_day(store, "drill-0002")
    assert (day.parts or ())[QUARTERS] == pytest.approx([900.0 / 42.0] * 9, abs=1.0)
    assert day.parts_estimated == tuple(range(39, 48))
    assert day.sums().estimated_parts == day.sums().parts
    assert day.sums().kwh_per_part == pytest.approx(0.75 / (900.0 / 42.0), rel=0.03)
    assert (counted.parts_estimated, counted.sums().estimated_parts) == ((), 0.0)
    (month,) = [
        each.sums for each in store.rollups.months(dates.MONDAY, dates.MONDAY) if each.device_id == "drill-0001"
    ]
    assert month.estimated_parts == pytest.approx(day.sums().parts)


def test_a_historian_that_was_killed_goes_on_where_the_ledger_is(
    store: Store, clock: ManualClock, plant: Plant
) -> None:
    """Each hour once: another one adds the hours that are missing and changes no other."""
    first, *rest = [list(readings("drill-0001"))[start : start + 1900] for start in (0, 1900)]
    filing = a_filing(store, clock, plant)
    filed(filing, clock, iter(first))
    settled(filing, clock)
    before = the_day(store, "drill-0001")
    assert before.parts_estimated == tuple(range(39, 44))
    another = a_filing(store, clock, plant)
    filed(another, clock, iter(rest[0]))
    settled(another, clock)
    after = the_day(store, "drill-0001")
    assert after.parts_estimated == tuple(range(39, 48))
    assert (after.parts or ())[39:44] == (before.parts or ())[39:44]


def test_a_rebuild_looks_for_cycles_in_days_from_before(store: Store, clock: ManualClock, plant: Plant) -> None:
    """Days that were counted before the plant file said so; and once more, they come out the same."""
    filing = filings.a_filing(store, clock, ledger_every_seconds=0.0)
    filed(filing, clock, readings("drill-0001"))
    settled(filing, clock)
    assert the_day(store, "drill-0001").parts is None
    later = ManualClock(START + timedelta(days=2))
    for _ in range(2):
        list(rebuild(store, plant, later, dates.MONDAY, dates.MONDAY))
        day = the_day(store, "drill-0001")
        assert (day.parts or ())[QUARTERS] == pytest.approx([900.0 / 42.0] * 9, abs=1.0)


def test_late_readings_have_their_hours_looked_at_again(store: Store, clock: ManualClock, plant: Plant) -> None:
    """The ledger is as if they had come in order, also by a historian that takes over in between; the rest stays."""
    filing = a_filing(store, clock, plant)
    *given, last = readings("drill-0001")
    late = given[1500:1900]  # from 11:00 to 11:20
    filed(filing, clock, iter(given[:1500] + given[1900:]))
    settled(filing, clock)
    before = the_day(store, "drill-0001")
    assert (before.parts or ())[44] is None
    filed(filing, clock, iter(late))
    turns(filing, clock, 5)
    assert store.meters.counting(["drill-0001"])["drill-0001"].recount_from is not None
    another = a_filing(store, clock, plant)
    filed(another, clock, iter([last]))
    settled(another, clock)
    assert store.meters.counting(["drill-0001"])["drill-0001"].recount_from is None
    after = the_day(store, "drill-0001")
    assert (after.parts or ())[QUARTERS] == pytest.approx([900.0 / 42.0] * 9, abs=1.0)
    assert (after.parts or ())[39:43] == (before.parts or ())[39:43]
    assert after.revisions[-1].why == "late readings"
    assert (after.cycles_until, after.parts_estimated) == (before.cycles_until, tuple(range(39, 48)))


def test_a_type_of_which_the_plant_file_says_nothing_has_none(store: Store, clock: ManualClock, tmp_path: Path) -> None:
    filing = a_filing(store, clock, load_plant(a_plant_file(tmp_path)))
    filed(filing, clock, readings("drill-0001"))
    settled(filing, clock)
    assert the_day(store, "drill-0001").parts is None
