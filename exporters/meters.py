"""Resumes the meters of machines that are new to this exporter from the store, where the historian keeps them."""

from collections.abc import Collection, Mapping
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.metering.values import Meter
from energytrack.store import Store

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 5.0
"""Do not keep panels waiting while the database is unavailable: counters then start at the register."""
AGAIN_SECONDS: Final = 30.0


class StoredMeters:
    """Reads meters from the store; while the database is unavailable, it retries occasionally."""

    def __init__(self, store: Store, clock: Clock, registry: CollectorRegistry) -> None:
        self._store = store
        self._clock = clock
        self._away_until = clock.monotonic()
        self._is_away = False
        self._begun = Counter(
            "energytrack_exporter_meters",
            "Meters that this exporter started, by origin: resumed from the store, or new at the register.",
            ["begun"],
            registry=registry,
        )
        for begun in ("stored", "new"):
            self._begun.labels(begun)

    def __call__(self, device_ids: Collection[str]) -> Mapping[str, Meter]:
        """The stored meters of these machines; empty if the database does not answer."""
        found = self._asked(device_ids)
        self._begun.labels("stored").inc(len(found))
        self._begun.labels("new").inc(len(device_ids) - len(found))
        return found

    def _asked(self, device_ids: Collection[str]) -> Mapping[str, Meter]:
        if self._clock.monotonic() < self._away_until:
            return {}
        try:
            with self._store.within(PATIENCE_SECONDS):
                found = self._store.meters.get(device_ids)
        except StoreUnavailable as error:
            self._away_until = self._clock.monotonic() + AGAIN_SECONDS
            if not self._is_away:
                log.warning("the database does not answer: energy counters start at the registers", detail=str(error))
            self._is_away = True
            return {}
        self._is_away = False
        return found
