"""What happened to machines before this exporter started: failures, warnings and repairs, from the store.

Without it, a machine that failed an hour ago has "no failure known" after a restart.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final

import structlog

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.store import Store
from energytrack.store.telemetry.events import Happened

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 5.0
"""Do not keep panels waiting while the database is unavailable; the machines are asked for again later."""
AGAIN_SECONDS: Final = 30.0
REMEMBERED: Final = timedelta(days=365)


class StoredPast:
    """Reads the latest events of machines; while the database is unavailable, it retries occasionally."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._away_until = clock.monotonic()

    def __call__(self, device_ids: Collection[str]) -> Mapping[str, Sequence[Happened]] | None:
        """What happened to each machine in the last year; None while the database does not answer."""
        if self._clock.monotonic() < self._away_until:
            return None
        try:
            with self._store.within(PATIENCE_SECONDS):
                found = self._store.events.latest(device_ids, since=self._clock.now() - REMEMBERED)
        except StoreUnavailable as error:
            self._away_until = self._clock.monotonic() + AGAIN_SECONDS
            log.warning("the database does not answer: earlier failures and repairs are missing", detail=str(error))
            return None
        past: dict[str, list[Happened]] = {}
        for each in found:
            past.setdefault(each.device_id, []).append(each)
        return past
