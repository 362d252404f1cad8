"""Working on while the database is away: try again until it answers, or until the service is asked to stop."""

import threading
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from prometheus_client import CollectorRegistry, Counter

from energytrack.clock import Clock
from energytrack.errors import EnergyTrackError, StoreUnavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0


class StopRequested(EnergyTrackError):
    """The service was asked to stop while the database was away; what it holds is not stored and not committed."""


class Persistence:
    """Carries actions out, however often that takes; says once that the database is away and once that it is back."""

    def __init__(self, *, stop: threading.Event, clock: Clock, registry: CollectorRegistry) -> None:
        self._stop = stop
        self._clock = clock
        self._failures = Counter(
            "energytrack_store_failures",
            "Attempts to reach the database that failed and were tried again.",
            registry=registry,
        )

    def __call__(self, action: Callable[[], T]) -> T:
        """What `action` returns when the database answers at last; raises StopRequested, StoreRefused.

        The action may have been carried out in part, or wholly, when it is tried again.
        """
        since: float | None = None
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                answer = action()
            except StoreUnavailable as error:
                self._failures.inc()
                if since is None:
                    since = self._clock.monotonic()
                    log.warning("the database does not answer, trying again until it does", detail=str(error))
                if self._stop.wait(pause):
                    raise StopRequested(str(error)) from error
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                continue
            if since is not None:
                log.info("the database answers again", after_seconds=round(self._clock.monotonic() - since))
            return answer
