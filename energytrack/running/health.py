"""Whether a service makes progress: what it is waiting for, since when, and whether its main loop is alive.

A service that cannot reach a server is not ready, and says why; it is not dead because of that. It is dead if its main
loop is stuck although it is waiting for nothing.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, Literal, NamedTuple

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock, SystemClock

PATIENCE_SECONDS: Final = 60.0
STUCK_SECONDS: Final = 300.0


Kind = Literal["disk", "kafka", "database", "work"]
KINDS: Final[tuple[Kind, ...]] = ("disk", "kafka", "database", "work")


class Wait(NamedTuple):
    """A server that does not answer, or work that does not end."""

    kind: Kind
    what: str
    """The beginning of a sentence that ends with "for 4 min": "Kafka at 127.0.0.1:9092 has not answered"."""
    since: float
    """On the clock's stopwatch."""


class Health:
    """The health of one process; every method may be called from any thread."""

    def __init__(
        self, clock: Clock | None = None, *, patience: float = PATIENCE_SECONDS, stuck_after: float = STUCK_SECONDS
    ) -> None:
        """After waiting for `patience` seconds a service is not ready; `stuck_after` is for its main loop."""
        self._clock = clock or SystemClock()
        self._patience = patience
        self._stuck_after = stuck_after
        self._waits: dict[object, Wait] = {}
        self._lock = threading.Lock()
        self._beaten = self._clock.monotonic()
        self._long = 0

    def waiting(self, who: object, kind: Kind, what: str, *, since: float | None = None) -> None:
        """Record that `who` waits; recording it again does not restart the wait. `what` is followed by "for 4 min"."""
        self.beat()
        begin = self._clock.monotonic() if since is None else since
        with self._lock:
            wait = self._waits.get(who)
            self._waits[who] = Wait(kind, what, begin if wait is None else min(wait.since, begin))

    def served(self, who: object) -> None:
        """Record that `who` no longer waits."""
        if who in self._waits:
            with self._lock:
                self._waits.pop(who, None)

    @contextmanager
    def work(self, what: str) -> Iterator[None]:
        """Around work that should end soon; `what` is a noun, such as "a batch of 500 messages"."""
        key = object()
        self.waiting(key, "work", f"{what} has been in progress")
        try:
            yield
        finally:
            self.served(key)
            self.beat()

    @contextmanager
    def long_work(self) -> Iterator[None]:
        """Around work that may take long, such as training a model: the main loop may be still meanwhile."""
        self._long += 1
        try:
            yield
        finally:
            self.beat()
            self._long -= 1

    def beat(self) -> None:
        """Record that the main loop is alive: it runs, or waits for a server."""
        self._beaten = self._clock.monotonic()

    def beaten(self) -> float:
        """Time of the last heartbeat, on the clock's stopwatch."""
        return self._beaten

    def waiting_seconds(self, kind: Kind) -> float:
        """The seconds that the service has waited for a server or for its own work; 0 if it does not wait."""
        wait = self._longest(kind)
        return 0.0 if wait is None else self._seconds(wait)

    def complaint(self) -> str | None:
        """A sentence about what the service waits for, if it has waited too long; None otherwise.

        A server that does not answer explains work that does not end, so it comes first.
        """
        for kind in KINDS:
            wait = self._longest(kind)
            if wait is not None and (seconds := self._seconds(wait)) >= self._patience:
                since = self._clock.now() - timedelta(seconds=seconds)
                return f"{wait.what} for {duration(seconds)} (since {since:%H:%M:%S} UTC)"
        return None

    def is_stuck(self) -> bool:
        """Whether the main loop has stood still for too long, although it waits for nothing and does no long work."""
        return not self._long and self._clock.monotonic() - self._beaten >= self._stuck_after

    @property
    def stuck_after(self) -> float:
        """The seconds after which a main loop that stands still is stuck."""
        return self._stuck_after

    @property
    def at_long_work(self) -> bool:
        """Whether long work is in progress."""
        return self._long > 0

    def _longest(self, kind: Kind) -> Wait | None:
        with self._lock:
            waits = [wait for wait in self._waits.values() if wait.kind == kind]
        return min(waits, key=lambda wait: wait.since, default=None)

    def _seconds(self, wait: Wait) -> float:
        return max(self._clock.monotonic() - wait.since, 0.0)


class WaitingSeconds(Collector):
    """How long a service has been waiting, for Prometheus, computed at each scrape."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """One series for each kind of wait."""
        family = GaugeMetricFamily(
            "energytrack_service_waiting_seconds",
            "How long a service has been waiting for a server to answer, or for its own batch to end; 0 if it does "
            "not wait.",
            labels=["awaited"],
        )
        for kind in KINDS:
            family.add_metric([kind], self._health.waiting_seconds(kind))
        yield family


def duration(seconds: float) -> str:
    """A length of time for people: 45 s, 4 min, 2 h 5 min."""
    whole = int(seconds)
    if whole < 120:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
