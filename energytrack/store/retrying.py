"""Retries during database outages: until the database answers, or until the service is asked to stop."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import structlog
from prometheus_client import CollectorRegistry, Counter
from tenacity import (
    RetryCallState,
    RetryError,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_when_event_set,
)
from tenacity.wait import wait_exponential

from energytrack.clock import Clock
from energytrack.errors import StopRequested, StoreUnavailable
from energytrack.running.health import Health
from energytrack.store.link import is_limited

log = structlog.get_logger(__name__)

T = TypeVar("T")
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0


class RetryPolicy:
    """Executes actions, retrying as often as necessary; logs each outage once, and its end once."""

    def __init__(
        self, *, stop: threading.Event, clock: Clock, registry: CollectorRegistry, health: Health | None = None
    ) -> None:
        self._stop = stop
        self._clock = clock
        self._health = health or Health(clock)
        self._failures = Counter(
            "energytrack_store_failures",
            "Failed attempts to reach the database that were retried.",
            registry=registry,
        )

    def __call__(self, action: Callable[[], T]) -> T:
        """Return the result of `action` once the database answers; raises StopRequested, StoreRefused.

        The action may already have been executed in part, or completely, when it is retried. Within a limited time
        (`Store.within`) it is not retried: StoreUnavailable goes to whoever set the limit.
        """
        if is_limited():
            return action()
        since = self._clock.monotonic()
        attempts = Retrying(
            retry=retry_if_exception_type(StoreUnavailable),
            wait=wait_exponential(multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS),
            sleep=sleep_using_event(self._stop),
            stop=stop_when_event_set(self._stop),
            before_sleep=partial(self._note_failure, since),
        )
        try:
            answer = attempts(action)
        except RetryError as error:
            self._health.served(self)
            cause = error.last_attempt.exception()
            raise StopRequested(str(cause)) from cause
        if attempts.statistics["attempt_number"] > 1:
            self._health.served(self)
            log.info("the database answers again", after_seconds=round(self._clock.monotonic() - since))
        return answer

    def _note_failure(self, since: float, attempt: RetryCallState) -> None:
        self._failures.inc()
        error = attempt.outcome.exception() if attempt.outcome is not None else None
        if not isinstance(error, StoreUnavailable):
            return
        if attempt.attempt_number == 1:
            log.warning("the database does not answer, trying again until it does", detail=str(error))
        self._health.waiting(self, "database", f"the database at {error.address} has not answered", since=since)
