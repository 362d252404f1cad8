"""Parts that events tell of count once, whatever comes between: kills, other historians, a backup, a new name."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.ledger.day import Day
from energytrack.ledger.finished import Lot
from energytrack.store import Store
from energytrack.store.telemetry.finished_parts import FinishedParts
from historian.ledger import finished_parts
from historian.rebuild import rebuild
from testkit import dates
from tests.integration.historian.filings import PLANT, taken
from tests.integration.historian.ledger.finished_parts import (
    MORNING,
    START,
    TUESDAY,
    corrected,
    file_events,
    finished,
    parts,
    take_over,
)
from tests.integration.historian.ledger.test_files import MINUTE, a_filing, days, filed, readings


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.mark.parametrize("killed", ["marked", "stored", "taken over"])
def test_a_kill_at_any_moment_loses_nothing(store: Store, clock: ManualClock, killed: str) -> None:
    """Of a machine that sends readings, and of one that only events tell of."""
    given = [replace(each, parts=None, scrap=None) for each in readings(61)]
    filed(store, clock, given)
    events = [
        replace(finished(f"{name}-{n}", START + n * MINUTE), device_id=name)
        for name in ("cnc-0007", "cnc-0008")
        for n in range(30)
    ]
    if killed == "marked":
        quarters = [(name, (START + n * 15 * MINUTE).timestamp()) for name in ("cnc-0007", "cnc-0008") for n in (0, 1)]
        store.finished_parts.mark([*quarters, ("cnc-0007", (START - 15 * MINUTE).timestamp())])
    else:
        filing = a_filing(store, clock)
        filing.handle(taken(events))
        if killed == "taken over":
            clock.advance(1)
            filing.settle()
    again = a_filing(store, clock, ledger_every_seconds=1.0)
    again.share_out_again()
    if killed == "marked":  # Kafka brings them once more
        again.handle(taken(events))
    for _ in range(4):
        clock.advance(5)
        again.settle()
    again.finish()
    for name in ("cnc-0007", "cnc-0008"):
        (day,) = days(store, name)
        assert day.sums().parts == 30.0
    assert store.finished_parts.marked_machines() == set()


def test_a_day_that_is_counted_again_keeps_them(store: Store, clock: ManualClock) -> None:
    """After late readings, and by a rebuild, which takes them over again."""
    given = [replace(each, parts=None, scrap=None) for each in readings(241)]
    filed(store, clock, [*given[:60], *given[90:]])
    file_events(store, [finished("a", START + MINUTE), finished("b", START + 100 * MINUTE, 8.0)], clock)
    filed(store, clock, [*given[60:90], *given])
    assert days(store)[0].sums().parts == 9.0
    store.link.collection("ledger").update_many({}, {"$unset": {"finished_parts": "", "finished_before": ""}})
    assert days(store)[0].sums().known_parts is None
    clock.advance(86_400)
    list(rebuild(store, PLANT, clock, dates.MONDAY, TUESDAY))
    assert days(store)[0].sums().parts == 9.0


def test_a_backlog_is_taken_over_in_pieces(store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it is; a machine whose events take too long lets the others have their turn."""
    asked = FinishedParts.lots
    asked_for: list[str] = []

    def slow(self: FinishedParts, device_id: str, since: float, until: float) -> Sequence[Lot]:
        asked_for.append(device_id)
        if device_id == "cnc-0007" or until - since > 16 * 900:
            raise StoreUnavailable("the database", "too slow")
        return asked(self, device_id, since, until)

    monkeypatch.setattr(FinishedParts, "lots", slow)
    backlog = [finished(f"e{n}", MORNING + n * 15 * MINUTE) for n in range(60)]
    filing = a_filing(store, clock)
    clock.advance(3600)
    filing.handle(taken([*backlog, *(replace(e, device_id="cnc-0008", event_id=f"{e.event_id}x") for e in backlog)]))
    for _ in range(12):
        clock.advance(5)
        filing.settle()
    assert days(store, "cnc-0008")[0].sums().parts == 60.0
    assert store.finished_parts.marked_machines() == {"cnc-0007"}
    assert asked_for.count("cnc-0007") > 1


def test_with_two_historians_the_one_that_counts_the_machine_takes_them_over(store: Store, clock: ManualClock) -> None:
    """What the other noted before it lost the machine comes with it."""
    given = [replace(each, parts=None, scrap=None) for each in readings(61)]
    first, second = a_filing(store, clock), a_filing(store, clock)
    take_over(first, clock, given[:30])
    first.handle(taken([finished("a", START + 5 * MINUTE)]))
    first.share_out_again()
    take_over(second, clock, [*given[30:], finished("b", START + 6 * MINUTE)])
    clock.advance(1)
    second.settle()
    second.finish()
    first.settle()
    assert days(store)[0].sums().parts == 2.0
    assert store.finished_parts.marked_machines() == set()


def test_a_restored_backup_takes_over_once_more_what_was_done_meanwhile(store: Store, clock: ManualClock) -> None:
    """Its ledger may be from before; what is noted of a machine goes with its name."""
    file_events(store, [finished("a", MORNING, 2.0)], clock)
    store.link.collection("ledger").update_many({}, {"$unset": {"finished_parts": ""}})
    assert store.finished_parts.open_again(clock.now() - 60 * MINUTE) == 1
    store.machines.rename("cnc-0007", "cnc-0099")
    assert store.finished_parts.marked(["cnc-0099"]) == {"cnc-0099": [(MORNING - 15 * MINUTE).timestamp()]}
    filing = a_filing(store, clock, ledger_every_seconds=1.0)
    filing.share_out_again()
    for _ in range(3):
        clock.advance(5)
        filing.settle()
    assert days(store, "cnc-0099")[0].sums().parts == 2.0
    assert store.finished_parts.marked_machines() == set()


def test_a_renamed_machine_keeps_what_is_noted_of_it(store: Store, clock: ManualClock) -> None:
    """Also where its old name sends on, of the same quarter hour; its stored events are corrected by the new name."""
    filing = a_filing(store, clock, ledger_every_seconds=3600.0)
    filing.handle(taken([finished("a", MORNING, 2.0)]))
    store.machines.rename("cnc-0007", "cnc-0099")
    file_events(store, [finished("b", MORNING, 5.0)], clock)
    assert store.finished_parts.marked(["cnc-0099"]).keys() == {"cnc-0099"}
    file_events(store, [replace(corrected("c", "a", 3.0, at=clock.now()), device_id="cnc-0099")], clock)
    assert days(store, "cnc-0099")[0].sums().parts == 3.0
    assert days(store, "cnc-0007")[0].sums().parts == 5.0
    assert store.finished_parts.marked_machines() == set()


def test_parts_are_taken_over_where_somebody_else_writes_the_day_meanwhile(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a rebuild may; no other message of the machine has to come."""
    filing = a_filing(store, clock)
    take_over(filing, clock, [finished("a", MORNING)])
    made, written = finished_parts.take_over, list[Day]()

    def meanwhile(*known: Any, **how: Any) -> None:
        made(*known, **how)
        if not written:
            before = store.ledger.metered([("cnc-0007", dates.MONDAY)])
            written.extend(replace(day, price_version="rebuilt") for day in before.values())
            assert not store.ledger.put(written, instead_of=before)

    monkeypatch.setattr(finished_parts, "take_over", meanwhile)
    take_over(filing, clock, [finished("b", MORNING + 20 * MINUTE, 3.0)])
    assert written
    for _ in range(3):
        clock.advance(10)
        filing.settle()
    assert parts(store) == {"Mon": [1.0, 0.0, 3.0]}
    assert days(store)[0].price_version == "rebuilt"
    assert store.finished_parts.marked_machines() == set()
