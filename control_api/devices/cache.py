"""A cache: the database is read once however many pages are open, and the last value is used while it is slow."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Generic, NamedTuple, TypeVar

from control_api.http.ages import note_age
from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable

T = TypeVar("T")

SECONDS: Final = 1.0
"""About as often as the historian updates the collection."""
PATIENCE_SECONDS: Final = 2.0
"""How long a caller waits for the database before it gets the cached value."""
MAX_AGE_SECONDS: Final = 900.0
"""Older values are not shown."""


class Cached(NamedTuple, Generic[T]):
    """A cached value and its age."""

    value: T
    age_seconds: float


class FleetCache(Generic[T]):
    """The last result of `read`, at most `fresh` seconds old; older only while the database does not answer in time.

    Callers that arrive during a read wait for its result. A response that is made of an older one says so. `within`
    limits the time of a read, like `Store.within`.
    """

    def __init__(
        self,
        read: Callable[[], T],
        clock: Clock,
        *,
        within: Callable[[float], AbstractContextManager[None]],
        fresh: float = SECONDS,
    ) -> None:
        self._read = read
        self._clock = clock
        self._within = within
        self._fresh = fresh
        self._lock = threading.Lock()
        self._last: tuple[T, float] | None = None
        self._until = float("-inf")
        self._is_late = False
        """Whether the last read was in vain."""
        self._failure: StoreUnavailable | None = None

    def get(self) -> Cached[T]:
        """The value with its age; raises StoreUnavailable if there is none that may be shown."""
        remembered = self._remembered()
        if not self._lock.acquire(timeout=-1 if remembered is None else PATIENCE_SECONDS):
            return self._late() or self._read_now()
        try:
            now = self._clock.monotonic()
            remembered = self._remembered()
            if now < self._until and remembered is not None:
                return self._late() or remembered if self._is_late else remembered
            if now < self._until and self._is_late and self._failure is not None:
                raise StoreUnavailable(self._failure.address, self._failure.detail)
            try:
                return self._read_now()
            except StoreUnavailable as error:
                # No other caller waits meanwhile.
                self._until, self._is_late, self._failure = self._clock.monotonic() + SECONDS, True, error
                if remembered is None:
                    raise
                return self._late() or remembered
        finally:
            self._lock.release()

    def _read_now(self) -> Cached[T]:
        began = self._clock.monotonic()
        with self._within(PATIENCE_SECONDS):
            value = self._read()
        last = self._last
        if last is None or last[1] <= began:  # another caller may have begun later, and be done
            self._last, self._until = (value, began), self._clock.monotonic() + self._fresh
            self._is_late = False
        return Cached(value, 0.0)

    def _late(self) -> Cached[T] | None:
        """What is remembered, in place of what the database does not answer in time."""
        remembered = self._remembered()
        if remembered is not None:
            note_age(remembered.age_seconds)
        return remembered

    def _remembered(self) -> Cached[T] | None:
        last = self._last
        if last is None:
            return None
        age = self._clock.monotonic() - last[1]
        return Cached(last[0], age) if age <= MAX_AGE_SECONDS else None
