"""Imported energy becomes part of the ledger, in a real database, and goes with its batch."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.importer.choices import Choices
from energytrack.importer.destinations.batches import plan, store_batch, take_back
from energytrack.importer.reader import read_bytes
from energytrack.ledger.sums import total
from energytrack.messages import Reading
from energytrack.store import Store
from energytrack.store.telemetry.imports import Batch
from energytrack.store.telemetry.rollups import Rollups
from testkit import dates
from testkit.builders.import_files import columns, counts, starts
from testkit.builders.ledger import a_correction
from tests.integration.historian.filings import taken
from tests.integration.historian.ledger.test_files import START, a_filing, days, filed, readings

KEEP = timedelta(days=30)
SATURDAY = dates.MONDAY - timedelta(days=2)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def imported(store: Store, clock: ManualClock, *, value: str = "0,250", count: int = 4, first: int = 0) -> Batch:
    """A load profile from Saturday on, some days long."""
    text = columns(starts(SATURDAY, count)[first:], "%Y-%m-%dT%H:%M%z", value=value)
    content = read_bytes(
        text.encode(),
        "m.csv",
        Choices(device="cnc-0007", values="interval", labels="begin"),
        plant_zone="Europe/Berlin",
    )
    store.imports.prepare()
    planned = plan(store, content, Choices(), by="import:maria", now=clock.now(), zone=dates.PLANT_ZONE, keep=KEEP)
    return store_batch(store, content, planned, zone=dates.PLANT_ZONE, keep=KEEP)


def counted(store: Store, clock: ManualClock, *, made: float = 7, count: int = 4) -> Batch:
    """Parts of each quarter hour from Saturday on, some days long."""
    text = counts(starts(SATURDAY, count), [made] * 96 * count)
    content = read_bytes(
        text.encode(), "p.csv", Choices(device="cnc-0007", parts_values="interval"), plant_zone="Europe/Berlin"
    )
    store.imports.prepare()
    planned = plan(store, content, Choices(), by="import:maria", now=clock.now(), zone=dates.PLANT_ZONE, keep=KEEP)
    return store_batch(store, content, planned, zone=dates.PLANT_ZONE, keep=KEEP)


def taken_over(store: Store, clock: ManualClock) -> None:
    filing = a_filing(store, clock)
    for _ in range(4):
        clock.advance(10)
        filing.settle()
    assert store.imports.marked(10) == {}


def kwh(store: Store) -> list[float | None]:
    return [day.sums().kwh for day in days(store)]


def months(store: Store) -> float:
    return total(each.sums for each in store.rollups.months(SATURDAY, dates.MONDAY + KEEP)).counted_kwh


def test_an_import_is_part_of_the_ledger_and_goes_with_its_batch(store: Store, clock: ManualClock) -> None:
    """By quarter hour with its batch, in days and months; taken back, nothing of it is left."""
    batch = imported(store, clock, count=2)
    taken_over(store, clock)
    saturday, sunday = days(store)
    assert kwh(store) == [24.0, 24.0]
    assert saturday.sums().imported_seconds == 86_400.0
    assert saturday.sums().cost == pytest.approx(sunday.sums().cost)
    assert saturday.quarter(40).batch_id == batch.batch_id
    assert months(store) == pytest.approx(48.0)
    assert store.meters.reading_spans()["cnc-0007"].since == saturday.start
    edition = store.edition.current()
    assert edition > 0, "what was worked out from the ledger before is out of date"
    taken_over(store, clock)
    assert [day.revision for day in days(store)] == [1, 1]
    take_back(store, batch.batch_id, by="import:maria", why="another machine", now=clock.now())
    taken_over(store, clock)
    assert kwh(store) == [None, None]
    assert store.edition.current() > edition
    assert [(each.why, each.kwh_before) for each in days(store)[0].revisions] == [("import", 24.0)]
    assert months(store) == 0.0


def test_what_is_measured_wins_and_a_file_fills_what_is_not(store: Store, clock: ManualClock) -> None:
    """Nothing counts twice, whichever came first; a decision stands above both."""
    filed(store, clock, readings(241))  # measured from 22:00 on Monday to 02:00 on Tuesday
    imported(store, clock)
    taken_over(store, clock)
    *_, monday, tuesday = days(store)
    assert monday.sums().kwh == pytest.approx(12.0 + 0.25 * 88)
    assert monday.sums().measured_kwh == pytest.approx(12.0)
    assert monday.sums().imported_kwh == pytest.approx(22.0)
    assert tuesday.sums().kwh == pytest.approx(12.0 + 0.25 * 88)
    assert monday.revisions[-1].kwh_before == pytest.approx(12.0)
    whole = sum(each or 0.0 for each in kwh(store))
    assert months(store) == pytest.approx(whole)
    store.corrections.add(a_correction(0, 4, decision="value", kwh=9.0))
    assert days(store)[2].sums().kwh == pytest.approx((monday.sums().kwh or 0.0) - 1.0 + 9.0)


def test_a_machine_that_goes_on_sending_keeps_what_was_imported(store: Store, clock: ManualClock) -> None:
    """Also in the day that is being counted, and in days that are recounted."""
    given = readings(241)
    filing = a_filing(store, clock)

    def send(some: Sequence[Reading]) -> None:
        filing.handle(taken(some))
        clock.advance(10)
        filing.settle()

    clock.advance(3600)
    send(given[:30])
    imported(store, clock)
    send(given[30:60])
    send(given[60:90])
    clock.advance(4 * 3600)
    send(given[90:])
    filing.finish()
    *_, monday, tuesday = days(store)
    for day in (monday, tuesday):
        assert day.sums().kwh == pytest.approx(12.0 + 22.0)
    assert months(store) == pytest.approx(2 * 24.0 + 2 * 34.0)


def test_of_two_imports_the_later_counts(store: Store, clock: ManualClock) -> None:
    imported(store, clock, count=1)
    clock.advance(60)
    later = imported(store, clock, count=1, value="1,0", first=40)
    taken_over(store, clock)
    assert kwh(store) == [pytest.approx(0.25 * 40 + 56.0)]
    take_back(store, later.batch_id, by="import:maria", why="wrong", now=clock.now())
    taken_over(store, clock)
    assert kwh(store) == [pytest.approx(24.0)]


def test_parts_of_a_file_are_in_the_ledger_and_go_with_its_batch(store: Store, clock: ManualClock) -> None:
    """In days and months, once however often; the machine's own counter wins, and energy stays as it was measured."""
    given = [replace(each, parts=float(i // 60)) for i, each in enumerate(readings(241))]
    filed(store, clock, given)  # counted from 22:00 on Monday to 02:00 on Tuesday
    own = sum(day.sums().parts for day in days(store))
    energy = kwh(store)
    batch = counted(store, clock)
    assert (batch.parts, batch.kwh, batch.quarters) == (7.0 * 96 * 4, None, 0)
    taken_over(store, clock)
    taken_over(store, clock)
    found = days(store)
    assert [day.sums().parts_seconds for day in found] == [86_400.0] * 4
    assert sum(day.sums().parts for day in found) == 7.0 * (96 * 4 - 16) + own
    assert kwh(store) == [None, None, *energy]
    assert total(each.sums for each in store.rollups.months(SATURDAY, dates.MONDAY + KEEP)).parts == pytest.approx(
        7.0 * (96 * 4 - 16) + own
    )
    take_back(store, batch.batch_id, by="import:maria", why="another machine", now=clock.now())
    taken_over(store, clock)
    assert sum(day.sums().parts for day in days(store)) == own
    assert days(store)[0].sums().known_parts is None
    assert months(store) == pytest.approx(sum(each or 0.0 for each in energy))


def test_a_kill_between_the_days_and_their_sums_leaves_no_wrong_sums(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The days are as they should be already; their sums are made nevertheless."""
    imported(store, clock, count=2)
    with monkeypatch.context() as patched:
        patched.setattr(Rollups, "put", killed)
        with pytest.raises(SystemExit):
            taken_over(store, clock)
    assert kwh(store) == [24.0, 24.0]
    taken_over(store, clock)
    assert months(store) == pytest.approx(48.0)
    assert [day.revision for day in days(store)] == [1, 1]


def killed(*_: object) -> None:
    raise SystemExit(137)


def test_an_import_that_is_taken_back_after_a_renaming_leaves_nothing(store: Store, clock: ManualClock) -> None:
    """Also where the ledger had not taken all of it over before its machine got the new name."""
    batch = imported(store, clock, count=2)
    taken_over(store, clock)
    store.imports.mark(batch.batch_id, [("cnc-0007", SATURDAY)])
    store.machines.rename("cnc-0007", "cnc-0008")
    store.edition.rise()
    taken_over(store, clock)
    assert [day.sums().kwh for day in days(store, "cnc-0008")] == [24.0, 24.0]
    take_back(store, batch.batch_id, by="maria", why="wrong", now=clock.now())
    taken_over(store, clock)
    assert [day.imported for day in days(store, "cnc-0008")] == [None, None]
    assert days(store) == []
    assert months(store) == 0.0
