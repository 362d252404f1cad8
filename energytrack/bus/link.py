"""Says once that the broker went away, and once that it is back."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import structlog

from energytrack.errors import BusUnavailable

T = TypeVar("T")

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0


class Link:
    """The state of a connection as its user sees it, and how long to wait before the next attempt."""

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self._since: float | None = None
        self._pause = FIRST_PAUSE_SECONDS

    def broken(self, detail: str) -> float:
        """Note a failed attempt; returns the seconds to wait before the next one, twice as many each time."""
        if self._since is None:
            self._since = time.monotonic()
            log.warning("kafka does not answer, trying again until it does", servers=self.servers, detail=detail)
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return pause

    def wait(self, detail: str, *, at_most: float = LONGEST_PAUSE_SECONDS) -> None:
        """Note a failed attempt and wait before the next one."""
        time.sleep(min(self.broken(detail), at_most))

    def persist(self, connect: Callable[[], T], *, patience: float | None = None) -> T:
        """What `connect` makes as soon as a broker answers; raises BusUnavailable after `patience` seconds without."""
        deadline = None if patience is None else time.monotonic() + patience
        while True:
            try:
                made = connect()
            except BusUnavailable as error:
                if deadline is not None and time.monotonic() >= deadline:
                    raise
                self.wait(error.detail, at_most=LONGEST_PAUSE_SECONDS if patience is None else patience / 4)
            else:
                self.fine()
                return made

    def fine(self) -> None:
        """Note an attempt that succeeded."""
        if self._since is not None:
            log.info("kafka answers again", servers=self.servers, after_seconds=round(time.monotonic() - self._since))
            self._since = None
            self._pause = FIRST_PAUSE_SECONDS
