"""One outage of the store keeps panels waiting once, however many ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from energytrack.clock import ManualClock
from energytrack.errors import StoreUnavailable
from energytrack.store import Store
from exporters.machines.store_queries import AGAIN_SECONDS, AT_ONCE, PATIENCE_SECONDS, StoreQueries
from testkit.builders.messages import NOW


class SlowStore:
    """A store that is away until a moment, and takes all the time that it is given."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.away = True

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        if self.away:
            self.clock.advance(seconds)
            raise StoreUnavailable("db:27017", "away")
        yield


def test_who_asks_next_does_not_wait_for_a_store_that_is_away() -> None:
    clock = ManualClock(NOW)
    store = SlowStore(clock)
    asking, began = StoreQueries(cast(Store, store), clock), clock.monotonic()
    assert [asking.ask(lambda _: "meters"), asking.ask(lambda _: "past")] == [None, None]
    assert clock.monotonic() - began == PATIENCE_SECONDS
    store.away = False
    clock.advance(AGAIN_SECONDS)
    assert asking.ask(lambda _: "meters") == "meters"


def test_every_machine_of_a_large_plant_is_asked_about_once() -> None:
    """Some hundred at a time, each with the same patience."""
    clock = ManualClock(NOW)
    store = SlowStore(clock)
    store.away = False
    names = [f"cnc-{number:04d}" for number in range(2 * AT_ONCE + 1)]
    answers = StoreQueries(cast(Store, store), clock).ask_about(names, lambda _, some: list(some))
    pieces = [names[:AT_ONCE], names[AT_ONCE : 2 * AT_ONCE], names[2 * AT_ONCE :]]
    assert list(answers) == [(piece, piece) for piece in pieces]
