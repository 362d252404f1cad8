"""The fleet is read once for many, and remembered while the database is away."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import pytest
from flask import Flask

from control_api.devices.cache import MAX_AGE_SECONDS, FleetCache
from control_api.http.ages import noted_age
from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.machines.state import MachineState
from testkit.builders.messages import NOW
from testkit.patience import seconds_here


def at_leisure(_seconds: float) -> AbstractContextManager[None]:
    return nullcontext()


class CountingStore:
    """A store that counts how often it is read."""

    def __init__(self) -> None:
        self.read = 0
        self.away = False
        self.open = threading.Event()
        self.open.set()

    def all(self) -> tuple[MachineState, ...]:
        self.open.wait(seconds_here(10))
        if self.away:
            raise StoreUnavailable("nowhere", "away")
        self.read += 1
        return (MachineState(f"cnc-{self.read:04d}"),)


def test_it_is_read_again_after_a_second() -> None:
    """And not before."""
    store, clock = CountingStore(), ManualClock(NOW)
    cache = FleetCache(store.all, clock, within=at_leisure)
    first = cache.get().value
    clock.advance(0.9)
    assert cache.get().value is first
    clock.advance(0.2)
    assert cache.get().value != first
    assert store.read == 2


def test_who_comes_while_it_is_read_waits_for_that() -> None:
    """Twenty pages at once are one reading."""
    store, clock = CountingStore(), ManualClock(NOW)
    store.open.clear()
    cache = FleetCache(store.all, clock, within=at_leisure)
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(cache.get) for _ in range(20)]
        store.open.set()
        assert len({one.result() for one in asked}) == 1
    assert store.read == 1


def test_while_the_store_is_away_the_last_is_shown_with_its_age() -> None:
    """The answer has its age; afterwards it is current again."""
    store, clock = CountingStore(), ManualClock(NOW)
    cache = FleetCache(store.all, clock, within=at_leisure)
    first = cache.get()
    assert first.age_seconds == 0.0
    store.away = True
    clock.advance(41)
    assert cache.get() == (first.value, 41.0)
    store.away = False
    clock.advance(2)
    assert cache.get() == ((MachineState("cnc-0002"),), 0.0)


def test_what_was_never_seen_or_long_ago_is_not_made_up() -> None:
    """Then callers get the error that the store is unavailable."""
    store, clock = CountingStore(), ManualClock(NOW)
    cache = FleetCache(store.all, clock, within=at_leisure)
    store.away = True
    with pytest.raises(StoreUnavailable):
        cache.get()
    store.away = False
    clock.advance(1)
    cache.get()
    store.away = True
    clock.advance(MAX_AGE_SECONDS + 1)
    with pytest.raises(StoreUnavailable):
        cache.get()


def test_after_a_read_in_vain_nobody_waits_for_a_second() -> None:
    """Also if there is nothing to show: else all threads would wait, each in its turn."""
    reads, clock = list[float](), ManualClock(NOW)

    def read() -> str:
        reads.append(clock.monotonic())
        raise StoreUnavailable("nowhere", "away")

    cache = FleetCache(read, clock, within=at_leisure)
    for wait in (0.0, 0.5, 0.4, 0.1):
        clock.advance(wait)
        with pytest.raises(StoreUnavailable, match="away"):
            cache.get()
    assert reads == [0.0, 1.0]


def test_a_response_that_is_made_of_an_old_value_says_so() -> None:
    """While it is fresh, or new again, there is nothing to say."""
    store, clock, app = CountingStore(), ManualClock(NOW), Flask(__name__)
    cache = FleetCache(store.all, clock, within=at_leisure)
    ages: list[float | None] = []
    for away, wait in ((False, 0.0), (False, 0.5), (True, 41.0), (True, 0.5), (False, 2.0)):
        store.away = away
        clock.advance(wait)
        with app.test_request_context():
            cache.get()
            ages.append(noted_age())
    assert ages == [None, None, 41.5, 42.0, None]


def test_a_value_is_from_when_its_reading_began() -> None:
    """A change that was made while it was read may be missing."""
    clock = ManualClock(NOW)

    def slowly() -> str:
        if clock.monotonic() > 0:
            raise StoreUnavailable("nowhere", "away")
        clock.advance(2)
        return "state"

    cache = FleetCache(slowly, clock, within=at_leisure)
    assert cache.get() == ("state", 0.0)
    clock.advance(5)
    assert cache.get() == ("state", 7.0)
