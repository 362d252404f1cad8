"""Deletes expired data: the ledger after years, and telemetry if the server does not delete it itself."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.store import Store

DEVICE_EVERY_SECONDS: Final = 2.0
"""One machine at a time, so that deleting stays a small share of the server's work."""
TURN_SECONDS: Final = 2.0
"""Storing waits for a deletion at most this long: a slow server is slow for other reasons."""
ROUND_EVERY_SECONDS: Final = 60.0


class Retention:
    """Goes through the machines, round after round."""

    def __init__(self, store: Store, *, clock: Clock, ledger_years: int) -> None:
        self._store = store
        self._clock = clock
        self._ledger_years = ledger_years
        self._round: Iterator[str] = iter(())
        self._next = clock.monotonic()
        self._expires = True
        self._swept: dict[str, date] = {}

    def run_once(self) -> int:
        """Process the next machine, if it is time; returns how many documents were deleted. Failures are retried."""
        if self._clock.monotonic() < self._next:
            return 0
        self._next = self._clock.monotonic() + DEVICE_EVERY_SECONDS
        now = self._clock.now()
        try:
            with self._store.within(TURN_SECONDS):
                device_id = self._following()
                if device_id is None:
                    return 0
                return self._telemetry(device_id, now) + self._ledger(device_id, now)
        except StoreUnavailable:
            return 0

    def _following(self) -> str | None:
        device_id = next(self._round, None)
        if device_id is None:
            self._next += ROUND_EVERY_SECONDS
            self._expires = self._store.link.expires()
            self._round = iter([*self._store.devices.ids(), *self._store.meter_states.reading_spans()])
        return device_id

    def _telemetry(self, device_id: str, now: datetime) -> int:
        if self._expires:
            return 0
        return self._store.readings.expire(device_id, now=now) + self._store.insights.expire(device_id, now=now)

    def _ledger(self, device_id: str, now: datetime) -> int:
        """Delete expired days of the ledger, once a day for each machine."""
        today = now.date()
        if self._swept.get(device_id) == today:
            return 0
        self._swept[device_id] = today
        oldest = today - timedelta(days=round(365.25 * self._ledger_years))
        readings = today - timedelta(days=self._store.readings.days + 1)
        return (
            self._store.ledger.expire(device_id, before=oldest)
            + self._store.rollups.expire(device_id, before=oldest)
            + self._store.spells.expire(device_id, before=oldest)
            + self._store.openings.expire(device_id, before=readings)
            + self._store.finished_parts.expire(device_id, now=now)
            + self._store.meter_ledger.expire(device_id, before=oldest)
            + self._store.meter_rollups.expire(device_id, before=oldest)
            + self._store.meter_openings.expire(device_id, before=readings)
        )
