"""Logs once that the broker is unavailable, and once that it is back."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

import structlog

from energytrack.errors import BusUnavailable, StopRequested
from energytrack.running.health import Health

T = TypeVar("T")

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0


class ConnectionState:
    """The state of a connection as its user sees it, and the delay before the next attempt."""

    def __init__(self, servers: str, health: Health | None = None) -> None:
        self.servers = servers
        self._health = health or Health()
        self._since: float | None = None
        self._pause = FIRST_PAUSE_SECONDS

    def broken(self, detail: str, *, silent_seconds: float = 0.0) -> float:
        """Record a failed attempt; returns the delay before the next one in seconds, doubled each time.

        `silent_seconds` is how long the broker had already been silent when that was noticed.
        """
        begin = time.monotonic() - silent_seconds
        if self._since is None:
            self._since = begin
            log.warning("kafka does not answer, trying again until it does", servers=self.servers, detail=detail)
        self._health.waiting(self, "kafka", f"Kafka at {self.servers} has not answered", since=min(begin, self._since))
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return pause

    def wait(self, detail: str, *, at_most: float = LONGEST_PAUSE_SECONDS, stop: threading.Event | None = None) -> None:
        """Record a failed attempt and wait before the next one; raises StopRequested if `stop` is set meanwhile."""
        pause = min(self.broken(detail), at_most)
        if stop is None:
            time.sleep(pause)
        elif stop.wait(pause):
            raise StopRequested(f"no Kafka broker answered at {self.servers}: {detail}")

    def persist(
        self, connect: Callable[[], T], *, patience: float | None = None, stop: threading.Event | None = None
    ) -> T:
        """The result of `connect` as soon as a broker answers; raises BusUnavailable after `patience` seconds."""
        deadline = None if patience is None else time.monotonic() + patience
        while True:
            try:
                made = connect()
            except BusUnavailable as error:
                if deadline is not None and time.monotonic() >= deadline:
                    raise
                at_most = LONGEST_PAUSE_SECONDS if patience is None else patience / 4
                self.wait(error.detail, at_most=at_most, stop=stop)
            else:
                self.fine()
                return made

    @property
    def since(self) -> float | None:
        """When the broker became unavailable, on the system's stopwatch; None while it answers."""
        return self._since

    def beat(self) -> None:
        """Report to the service's health that this thread waits for Kafka."""
        self._health.beat()

    def close(self) -> None:
        """Report that it no longer waits."""
        self._health.served(self)

    def fine(self) -> None:
        """Record a successful attempt."""
        if self._since is not None:
            log.info("kafka answers again", servers=self.servers, after_seconds=round(time.monotonic() - self._since))
            self._since = None
            self._pause = FIRST_PAUSE_SECONDS
            self._health.served(self)
