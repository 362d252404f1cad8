"""Imported prices and emission factors in a plant that is in use: taken over when they come, and when they go."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from energytrack.contract.rates import with_imports
from energytrack.contract.tariff import MarketPrices
from energytrack.ledger.counting import PRICED_DAYS
from energytrack.ledger.local_days import midnight, quarter_count, utc
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.telemetry.imports import BatchState

LOOK_SECONDS: Final = 5.0
"""How often a service looks for new ones."""


class ImportedPrices:
    """Gives a plant what people imported."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._store = store
        self._plant = plant
        self._known: tuple[tuple[str, BatchState], ...] = ()
        self._gone: Sequence[Mapping[str, MarketPrices]] = ()
        self._gone_by_day: dict[date, tuple[frozenset[float], ...]] = {}

    def look(self) -> bool:
        """Take over what changed since the last look; returns whether anything did. Raises StoreUnavailable."""
        imports = self._store.imports.with_rates()
        if imports == self._known:
            return False
        self._plant.take_imported(self._store.imported_rates.of(_those(imports, "stored")))
        self._gone = [
            {rates.market: with_imports(rates.market, (), [rates])}
            for rates in self._store.imported_rates.of(_those(imports, "taken_back"))
        ]
        self._gone_by_day.clear()
        self._known = imports
        return True

    def gone(self, day: date) -> tuple[frozenset[float], ...]:
        """For each quarter hour of a day, the prices per kilowatt hour that imports gave which were taken back."""
        found = self._gone_by_day.get(day)
        if found is None:
            if len(self._gone_by_day) >= PRICED_DAYS:
                self._gone_by_day.clear()
            found = self._gone_by_day[day] = self._gone_on(day)
        return found

    def _gone_on(self, day: date) -> tuple[frozenset[float], ...]:
        start, zone = midnight(day, self._plant.zone), self._plant.zone
        starts = (utc(start + n * QUARTER_SECONDS) for n in range(quarter_count(day, zone)))
        return tuple(
            frozenset(
                price.per_kwh
                for market in self._gone
                if (price := self._plant.price(at, market=market)) is not None
                and price.version.market_prices in market
                and price.per_kwh is not None
            )
            for at in starts
        )


def _those(imports: Sequence[tuple[str, BatchState]], wanted: BatchState) -> list[str]:
    return [batch_id for batch_id, state in imports if state == wanted]
