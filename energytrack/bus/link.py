"""Says once that the broker went away, and once that it is back."""

import time
from typing import Final

import structlog

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

    def fine(self) -> None:
        """Note an attempt that succeeded."""
        if self._since is not None:
            log.info("kafka answers again", servers=self.servers, after_seconds=round(time.monotonic() - self._since))
            self._since = None
            self._pause = FIRST_PAUSE_SECONDS
