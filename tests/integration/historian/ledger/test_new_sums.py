"""Sums that a command stores beside a running historian, in a real database."""

from collections.abc import Callable
from datetime import timedelta
from itertools import groupby, pairwise

import pytest

from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.ledger.day import Day
from energytrack.store import Store
from historian.filing import Filing
from historian.ledger.new_sums import NewSums
from historian.rebuild import rebuild
from historian.sums import sum_up, sums_of
from testkit import dates
from tests.integration.historian.filings import PLANT, taken
from tests.integration.historian.ledger.test_files import START, a_filing, days, readings

FIRST = dates.MONDAY.replace(day=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def at_rest(filing: Filing, clock: ManualClock) -> None:
    for _ in range(3):
        clock.advance(10)
        filing.settle()


def months_kwh(store: Store) -> float:
    return sum(each.sums.counted_kwh for each in store.rollups.months(FIRST, dates.MONDAY + timedelta(days=7)))


def days_kwh(store: Store) -> float:
    return sum(day.sums().counted_kwh for day in days(store))


def by_month(store: Store) -> list[list[Day]]:
    return [list(month) for _, month in groupby(days(store), key=lambda day: day.date.month)]


def rebuilt(store: Store, clock: ManualClock) -> None:
    assert len(list(rebuild(store, PLANT, clock, dates.MONDAY, dates.MONDAY))) == 1


def summed_up(store: Store, _clock: ManualClock) -> None:
    """As after a release that added a figure: the day itself is right."""
    rebuilt(store, _clock)
    sum_up(store, FIRST, dates.MONDAY + timedelta(days=7))


@pytest.mark.parametrize("command", [rebuilt, summed_up])
@pytest.mark.parametrize("goes_on", [True, False], ids=["goes on", "is silent"])
def test_a_month_stays_the_sum_of_its_days(
    store: Store, clock: ManualClock, command: Callable[[Store, ManualClock], None], goes_on: bool
) -> None:
    """The historian has older sums of Monday at hand, and stores the month with the next reading of the machine."""
    given = readings(900, every=timedelta(minutes=4))
    filing = a_filing(store, clock)
    clock.advance(3 * 86_400)
    filing.handle(taken(given[:800]))
    at_rest(filing, clock)
    right = days_kwh(store)
    key = {"_id": f"cnc-0007/{dates.MONDAY}"}
    store.link.collection("ledger").update_one(key, {"$set": {"measured_kwh": 1000.0}})
    for month in by_month(store):
        store.rollups.put(*sums_of(month))
    filing.meters.clear()
    filing.handle(taken(given[800:810]))
    at_rest(filing, clock)
    assert months_kwh(store) > right + 900.0
    command(store, clock)
    filing.handle(taken(given[810:820]) if goes_on else [])
    at_rest(filing, clock)
    assert months_kwh(store) == pytest.approx(days_kwh(store))
    assert days_kwh(store) < right + 10.0
    assert store.meters.new_sums() == {}
    filing.handle(taken(given[820:]))
    at_rest(filing, clock)
    assert months_kwh(store) == pytest.approx(days_kwh(store))


def test_a_month_that_was_stored_from_older_sums_is_stored_again(store: Store, clock: ManualClock) -> None:
    """The historian stores it between the command's own sums and its note, and the machine falls silent then."""
    filing = a_filing(store, clock)
    clock.advance(2 * 86_400)
    filing.handle(taken(readings(600, every=timedelta(minutes=4))))
    at_rest(filing, clock)
    *_, month = by_month(store)  # the one whose days it has at hand
    by_day, whole = sums_of(month)
    store.rollups.put(by_day, [each._replace(sums=each.sums + each.sums) for each in whole])
    twice = sum(day.sums().counted_kwh for day in month)
    assert months_kwh(store) == pytest.approx(days_kwh(store) + twice)
    store.meters.note_new_sums("cnc-0007")
    at_rest(filing, clock)
    assert months_kwh(store) == pytest.approx(days_kwh(store))


def test_a_database_that_does_not_answer_leaves_the_sums_at_hand(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The month is stored meanwhile with the next reading, and is still the sum of its days."""

    def too_slow(_months: object) -> None:
        raise StoreUnavailable("the database", "too slow")

    given = readings(620, every=timedelta(minutes=4))
    filing = a_filing(store, clock)
    clock.advance(2 * 86_400)
    filing.handle(taken(given[:600]))
    at_rest(filing, clock)
    store.meters.note_new_sums("cnc-0007")
    with monkeypatch.context() as patched:
        patched.setattr(store.rollups, "days_of_months", too_slow)
        at_rest(filing, clock)
        filing.handle(taken(given[600:]))
        at_rest(filing, clock)
        assert months_kwh(store) == pytest.approx(days_kwh(store))
        assert store.meters.new_sums() == {"cnc-0007": 1}
    at_rest(filing, clock)
    assert store.meters.new_sums() == {}


def test_a_large_plant_is_rarely_asked_whether_there_is_anything(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live readings wait meanwhile: a look that takes a second has a fiftieth of the time."""
    looks: list[float] = []

    def a_second() -> dict[str, int]:
        looks.append(clock.monotonic())
        clock.advance(1)
        return {}

    monkeypatch.setattr(store.meters, "new_sums", a_second)
    new_sums = NewSums(store, (a_filing(store, clock).meters,), clock=clock)
    for _ in range(120):
        new_sums.run_once()
        clock.advance(1)
    assert [after - before for before, after in pairwise(looks)] == [51.0, 51.0]
