"""Meters that are no machines, as the historian counts them, in a real database."""

from datetime import timedelta

import pytest

from energytrack.clock import ManualClock
from energytrack.machines.state import MachineState
from energytrack.messages import Reading
from energytrack.store import Store
from historian.rebuild import rebuild
from testkit import dates
from testkit.builders.messages import a_reading, an_event
from tests.integration.historian.filings import PLANT, a_filing, taken

START = dates.at_plant("mon", "10:00")


def readings(device_id: str, count: int, *, kwh: float) -> list[Reading]:
    """One a minute; a main meter tells nothing but its register."""
    return [
        a_reading(
            device_id, timestamp=START + timedelta(minutes=n), energy_kwh=1000.0 + kwh * n, current=None,
            temperature=None, pressure=None, state=None, device_type=None, line=None,
        )
        for n in range(count)
    ]  # fmt: skip


def filed(store: Store, clock: ManualClock, given: list[Reading]) -> None:
    filing = a_filing(store, clock, ledger_every_seconds=0.0, recount_after_seconds=0.0)
    clock.advance(max(0.0, (given[-1].timestamp - clock.now()).total_seconds()) + 1.0)
    filing.handle(taken(given))
    clock.advance(1.0)
    filing.settle()
    filing.finish()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def test_a_meter_is_in_a_ledger_of_its_own(store: Store, clock: ManualClock) -> None:
    """In no list and no sum of machines; its readings are kept, and its quarter hours have no price."""
    both = [*readings("main", 31, kwh=5.0), *readings("cnc-0001", 31, kwh=0.1)]
    filed(store, clock, sorted(both, key=lambda each: each.timestamp))
    (day,) = store.meter_ledger.days(["main"], dates.MONDAY, dates.MONDAY)
    assert day.sums(40, 42).kwh == pytest.approx(150.0)
    assert day.sums().known_cost is None
    assert list(store.ledger.days(["main"], dates.MONDAY, dates.MONDAY)) == []
    assert set(store.devices.ids()) == set(store.meters.reading_spans()) == {"cnc-0001"}
    assert list(store.meter_states.reading_spans()) == ["main"]
    assert {each.device_id for each in store.rollups.days(dates.MONDAY, dates.MONDAY)} == {"cnc-0001"}
    assert len(list(store.readings.stream(["main"], since=START, until=clock.now()))) == 31


def test_counting_goes_on_where_it_was(store: Store, clock: ManualClock) -> None:
    """Over a restart, and with readings that come again."""
    every = readings("main", 46, kwh=5.0)
    filed(store, clock, every[:20])
    filed(store, clock, every[15:])
    (day,) = store.meter_ledger.days(["main"], dates.MONDAY, dates.MONDAY)
    assert day.sums().kwh == pytest.approx(225.0)
    assert day.sums().measured_seconds == 2700.0


def test_a_late_reading_of_a_meter_is_counted(store: Store, clock: ManualClock) -> None:
    every = readings("main", 31, kwh=5.0)
    filing = a_filing(store, clock, ledger_every_seconds=0.0, recount_after_seconds=0.0)
    clock.advance(1900.0)
    filing.handle(taken([each for n, each in enumerate(every) if n not in range(10, 25)]))
    filing.settle()
    filing.handle(taken(every[10:25]))
    for _ in range(30):
        clock.advance(2.0)
        filing.settle()
    filing.finish()
    (day,) = store.meter_ledger.days(["main"], dates.MONDAY, dates.MONDAY)
    assert day.sums().measured_seconds == 1800.0
    assert day.sums().bridged_seconds == 0.0


def test_an_event_of_a_meter_makes_it_no_machine(store: Store, clock: ManualClock) -> None:
    filing = a_filing(store, clock)
    filing.handle(taken([an_event("fault_code", "main", timestamp=START)]))
    filing.finish()
    assert list(store.devices.ids()) == []


def test_a_meter_that_sent_before_it_was_listed_is_counted_again_once(store: Store, clock: ManualClock) -> None:
    """It is in the list of machines until somebody retires it."""
    filed(store, clock, readings("main", 31, kwh=5.0))
    store.devices.put([MachineState("main")], clock.now())
    rebuilt = list(rebuild(store, PLANT, clock, dates.MONDAY, dates.MONDAY))
    assert [(each.device_id, len(each.days)) for each in rebuilt] == [("main", 1)]
