"""Loads imported prices and emission factors every few seconds, so that the plant's series show them."""

from energytrack.bill.imported import LOOK_SECONDS, ImportedPrices
from energytrack.clock import Clock
from energytrack.plant import Plant
from exporters.machines.store_queries import StoreQueries


class StoredPrices:
    """Loads imported prices; while the database is unavailable, the last ones stay."""

    def __init__(self, asking: StoreQueries, plant: Plant, clock: Clock) -> None:
        self._asking = asking
        self._clock = clock
        self._prices = ImportedPrices(asking.store, plant)
        self._next = clock.monotonic()

    def run_once(self) -> None:
        """Between batches, check for changes, if it is time."""
        now = self._clock.monotonic()
        if now >= self._next:
            self._next = now + LOOK_SECONDS
            self._asking.ask(lambda _: self._prices.look())
