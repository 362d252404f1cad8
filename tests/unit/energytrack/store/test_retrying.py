"""Working on while the database is away."""

import threading
from collections.abc import Callable
from contextlib import closing

import pytest
import structlog
from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.errors import StopRequested, StoreRefused, StoreUnavailable
from energytrack.store.link import Link
from energytrack.store.retrying import RetryPolicy
from testkit.builders.messages import NOW


class WaitedStop(threading.Event):
    """A stop that nobody asks for: waiting for it moves the clock."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        self._clock.advance(timeout or 0.0)
        return self.is_set()


class Answers:
    """An action that fails some times, then answers."""

    def __init__(self, failures: int, *, then: Callable[[], None] = lambda: None) -> None:
        self.left = failures
        self._then = then

    def __call__(self) -> str:
        if self.left == 0:
            return "stored"
        self.left -= 1
        if self.left == 0:
            self._then()
        raise StoreUnavailable("db:27017", "connection refused")


def persistence(stop: threading.Event, clock: ManualClock, registry: CollectorRegistry | None = None) -> RetryPolicy:
    return RetryPolicy(stop=stop, clock=clock, registry=registry or CollectorRegistry())


def test_it_tries_until_there_is_an_answer() -> None:
    """Pauses double up to five seconds; the first failure and the recovery are logged, and each failure counted."""
    clock, registry = ManualClock(NOW), CollectorRegistry()
    stop = WaitedStop(clock)
    with structlog.testing.capture_logs() as logged:
        assert persistence(stop, clock, registry)(Answers(8)) == "stored"
    assert stop.waited == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]
    assert [entry["event"] for entry in logged] == [
        "the database does not answer, trying again until it does",
        "the database answers again",
    ]
    assert logged[1]["after_seconds"] == 23
    assert registry.get_sample_value("energytrack_store_failures_total") == 8


def test_a_stop_ends_the_waiting() -> None:
    clock = ManualClock(NOW)
    stop = WaitedStop(clock)
    with pytest.raises(StopRequested):
        persistence(stop, clock)(Answers(3, then=stop.set))


def test_a_refusal_is_not_tried_again() -> None:
    def refused() -> None:
        raise StoreRefused("db:27017", "authentication failed")

    clock = ManualClock(NOW)
    with pytest.raises(StoreRefused):
        persistence(WaitedStop(clock), clock)(refused)


def test_within_a_limited_time_a_failure_is_left_to_who_set_the_limit() -> None:
    """Once the time is over, each further try fails at once: it would never end."""
    clock = ManualClock(NOW)
    stop = WaitedStop(clock)
    with closing(Link("mongodb://127.0.0.1:1", "none")) as link:
        with pytest.raises(StoreUnavailable), link.within(10.0):
            persistence(stop, clock)(Answers(1))
        assert stop.waited == []
        assert persistence(stop, clock)(Answers(1)) == "stored"
