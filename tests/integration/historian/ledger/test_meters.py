"""The historian's meters in a real database: what it counts survives a kill, and each finding is reported once."""

from datetime import timedelta

import pytest

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.decoding.parsing import parse_event
from energytrack.events import MeterExchanged
from energytrack.store import Store
from energytrack.topics import EVENTS
from testkit.builders.messages import NOW, a_reading
from tests.integration.historian.filings import a_filing, taken


def test_a_reset_counts_once_whenever_the_historian_is_killed(store: Store, clock: ManualClock) -> None:
    """48211.0, then 0.0, 0.2 ... 5.0: a new historian after every batch takes up the stored meter, or an older one."""
    bus = MemoryBus()
    values = [48211.0, *(round(0.2 * n, 1) for n in range(26))]
    readings = [a_reading(timestamp=NOW + timedelta(seconds=144 * n), energy_kwh=kwh) for n, kwh in enumerate(values)]
    for n in range(len(readings)):
        filing = a_filing(store, clock, bus, meter_every_seconds="0")
        filing.handle(taken(readings[max(0, n - 3) : n + 1]))  # what was not committed comes again
        clock.advance(1)
        if n % 3 != 1:  # otherwise it is killed before it could store the meter
            filing.settle()
    kept = store.meters.get(["cnc-0007", "cnc-0008"])["cnc-0007"]
    assert (kept.totals.billed - kept.totals.opening) / 3.6e6 == pytest.approx(5.0)
    events = [parse_event(value, clock.now()) for value in bus.values(EVENTS)]
    assert {event.event_id for event in events} == {events[0].event_id}
    assert isinstance(events[0], MeterExchanged)
    assert (events[0].before_kwh, events[0].after_kwh) == (48211.0, 0.0)


def test_an_older_meter_never_replaces_a_newer_one(store: Store, clock: ManualClock) -> None:
    """Two historians that share out machines again may both store one."""
    newer, older = (a_filing(store, clock, meter_every_seconds="0") for _ in range(2))
    older.handle(taken([a_reading(energy_kwh=10.0)]))
    newer.handle(taken([a_reading(energy_kwh=10.0), a_reading(timestamp=NOW + timedelta(minutes=1), energy_kwh=10.1)]))
    newer.finish()
    older.finish()
    assert store.meters.get(["cnc-0007"])["cnc-0007"].at == (NOW + timedelta(minutes=1)).timestamp()
