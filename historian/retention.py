"""Readings and insights past their limit go, where the server does not see to that itself (SecantusDB does not)."""

from collections.abc import Iterator
from typing import Final

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.store import Store

DEVICE_EVERY_SECONDS: Final = 2.0
"""One machine at a time, so that deleting stays a small share of the server's work."""
TURN_SECONDS: Final = 2.0
"""Filing waits for no deletion longer than that: a server that is slow is slow because of others."""
ROUND_EVERY_SECONDS: Final = 60.0


class Retention:
    """Goes round the machines, round after round."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._round: Iterator[str] = iter(())
        self._next = clock.monotonic()

    def turn(self) -> int:
        """The next machine's turn, if it is time; returns how many documents went. A failure is left to the next."""
        if self._clock.monotonic() < self._next:
            return 0
        self._next = self._clock.monotonic() + DEVICE_EVERY_SECONDS
        now = self._clock.now()
        try:
            with self._store.within(TURN_SECONDS):
                device_id = self._following()
                if device_id is None:
                    return 0
                return self._store.readings.expire(device_id, now=now) + self._store.insights.expire(device_id, now=now)
        except StoreUnavailable:
            return 0

    def _following(self) -> str | None:
        device_id = next(self._round, None)
        if device_id is None:
            self._next += ROUND_EVERY_SECONDS
            if not self._store.link.expires():
                self._round = iter(self._store.devices.ids())
        return device_id
