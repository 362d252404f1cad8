"""The energy ledger recounted from the readings in a real database."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.ledger.day import Day
from energytrack.store import Store
from historian.rebuild import RebuildRefused, Rebuilt, rebuild
from testkit import dates
from testkit.builders.ledger import a_correction
from tests.integration.historian.filings import PLANT, taken
from tests.integration.historian.ledger.test_files import (
    DAY,
    START,
    a_filing,
    days,
    filed,
    month_sums,
    readings,
    spells,
)

NOW = START + 3 * DAY


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def rebuilt(store: Store, first: int = 0, last: int = 2, **options: Any) -> list[Rebuilt]:
    start, end = dates.MONDAY + first * DAY, dates.MONDAY + last * DAY
    return list(rebuild(store, PLANT, ManualClock(NOW), start, end, **options))


def without_revision(found: list[Day]) -> list[Day]:
    return [replace(day, revision=1, revisions=()) for day in found]


def test_a_rebuild_gets_the_same_numbers(store: Store, clock: ManualClock) -> None:
    """From the first day, or from a later one; nothing is revised."""
    filed(store, clock, readings(900, every=timedelta(minutes=4)))
    before = days(store)
    assert len(before) == 4
    for first in (0, 1, 2):
        (machine,) = rebuilt(store, first)
        assert list(machine.days) == before[first:3]
        assert not machine.revised
    assert days(store) == before


def test_a_rebuild_leaves_the_spells_of_the_day_before(store: Store, clock: ManualClock) -> None:
    """Its first reading says what the machine did since the last one of that day."""
    filed(store, clock, readings(241))
    before = spells(store)
    rebuilt(store, first=1)
    assert spells(store) == before


def test_a_damaged_ledger_is_made_whole(store: Store, clock: ManualClock) -> None:
    """Days that were lost or changed are as they were, a revision later, and so are the sums of months and years."""
    filed(store, clock, readings(900, every=timedelta(minutes=4)))
    before, months = days(store), month_sums(store)
    store.link.collection("ledger").delete_one({"_id": f"cnc-0007/{before[1].date}"})
    store.link.collection("ledger").update_one({"_id": f"cnc-0007/{before[2].date}"}, {"$set": {"measured_kwh": 9.0}})
    (machine,) = rebuilt(store)
    assert [day.date for day in machine.revised] == [before[1].date, before[2].date]
    assert without_revision(days(store)) == before
    assert days(store)[2].revisions[-1].why == "rebuild"
    assert [each.sums.counted_kwh for each in month_sums(store)] == pytest.approx(
        [each.sums.counted_kwh for each in months]
    )


def test_what_people_decided_stays(store: Store, clock: ManualClock) -> None:
    filed(store, clock, readings(300))
    store.corrections.add(a_correction(90, 2, decision="value", kwh=1.0))
    before = days(store)
    rebuilt(store)
    assert days(store) == before
    assert before[0].sums().corrected_kwh == 1.0


def test_prices_stay_unless_somebody_asks_for_others(store: Store, clock: ManualClock) -> None:
    filed(store, clock, readings(300))
    key = {"_id": f"cnc-0007/{dates.MONDAY}"}
    store.link.collection("ledger").update_one(key, {"$set": {"price_per_kwh": 7.0, "price_version": "old"}})
    rebuilt(store)
    assert days(store)[0].price_per_kwh[95] == 7.0
    rebuilt(store, reprice=True)
    price = PLANT.price(START)
    assert price is not None
    assert days(store)[0].price_per_kwh[88] == price.per_kwh


def test_a_day_that_is_still_counted_is_rebuilt_beside_the_historian(store: Store, clock: ManualClock) -> None:
    """The historian goes on from the rebuilt day, and nothing counts twice."""
    given = readings(120)
    filing = a_filing(store, clock)
    clock.advance(7200)
    filing.handle(taken(given[:60]))
    filing.settle()
    key = {"_id": f"cnc-0007/{dates.MONDAY}"}
    store.link.collection("ledger").update_one(key, {"$set": {"measured_kwh": 9.0}})
    rebuilt(store, last=0)
    filing.handle(taken(given[60:80]))
    clock.advance(1)
    filing.settle()
    filing.handle(taken(given[80:]))
    filing.finish()
    assert days(store)[0].sums().kwh == pytest.approx(11.9)


def test_what_is_written_while_a_day_is_counted_again_is_not_lost(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the rebuild's own read and write: it reads again, and the sums are those of both."""
    filed(store, clock, readings(300))
    damaged = {"_id": f"cnc-0007/{dates.MONDAY}"}
    store.link.collection("ledger").update_one(damaged, {"$set": {"measured_kwh": 9.0}})
    times: list[float] = []

    def meanwhile(day: Day, *_: object, **__: object) -> Day:
        """A live write of Tuesday: same revision, no reading more."""
        if day.date == (dates.MONDAY + DAY) and not times:
            times.append(day.start)
            key = (day.device_id, day.date)
            stored = store.ledger.metered([key])
            recounted = replace(stored[key], finished_parts=(2.0,) * 96, cycle_parts=None)
            assert not store.ledger.put([replace(recounted, price_version="live")], instead_of=stored)
        return day

    monkeypatch.setattr("historian.rebuild.with_finished_parts", meanwhile)
    store.link.collection("ledger").update_one(
        {"_id": f"cnc-0007/{(dates.MONDAY + DAY)}"}, {"$set": {"measured_kwh": 9.0}}
    )
    (machine,) = rebuilt(store)
    assert times
    assert [day.date for day in machine.revised] == [dates.MONDAY, (dates.MONDAY + DAY)]
    tuesday = days(store)[1]
    assert (tuesday.price_version, tuesday.finished_parts) == ("live", (2.0,) * 96)
    assert sum(each.sums.counted_kwh for each in month_sums(store)) == pytest.approx(
        sum(d.sums().counted_kwh for d in days(store))
    )


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (-100, 0, "Readings are kept for 90 days"),
        (1, 0, "is after --to"),
        (0, 9, "is in the future"),
    ],
)
def test_what_cannot_be_counted_again_is_refused(store: Store, first: int, last: int, sentence: str) -> None:
    with pytest.raises(RebuildRefused, match=sentence):
        rebuilt(store, first, last)


def test_the_earliest_day_is_named(store: Store) -> None:
    """And it is one whose readings are all there."""
    with pytest.raises(RebuildRefused) as refused:
        rebuilt(store, -100)
    earliest = (NOW - timedelta(days=90)).astimezone(dates.PLANT_ZONE).date() + DAY
    assert str(refused.value).endswith(f"The earliest --from is {earliest}.")
    assert rebuilt(store, (earliest - dates.MONDAY).days) == []


def test_days_without_readings_stay_as_they_are(store: Store, clock: ManualClock) -> None:
    """Readings that are gone are no reason to forget what they said."""
    filed(store, clock, readings(900, every=timedelta(minutes=4)))
    before = days(store)
    tuesday = dates.at_plant("tue", "00:00")
    store.link.collection("readings").delete_many({"device.id": "cnc-0007", "timestamp": {"$gte": tuesday}})
    (machine,) = rebuilt(store)
    assert list(machine.left) == [day.date for day in before[:3]]
    assert days(store) == before


def test_an_unknown_machine_is_named(store: Store) -> None:
    with pytest.raises(RebuildRefused, match="'lathe-1'"):
        rebuilt(store, devices=["lathe-1"])
