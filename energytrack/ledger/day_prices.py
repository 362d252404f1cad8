"""Prices of a day of the ledger: looked up once for all machines, and fixed once energy is counted at them. Pure."""

from collections.abc import Collection
from datetime import date
from typing import Final, NamedTuple

from msgspec.structs import replace

from energytrack.ledger.day import Day, places_by_batch
from energytrack.ledger.documents import COLUMNS
from energytrack.ledger.local_days import midnight, quarter_count, utc
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant

PRICED_DAYS: Final = 64


class PriceOfDay(NamedTuple):
    """The price of each quarter hour of a day."""

    per_kwh: tuple[float | None, ...]
    version: str | None
    """The version of the contract that they come from."""
    batches: tuple[str | None, ...]
    """The import that each comes from; None for those of the plant file."""


class DayPrices:
    """Prices per kilowatt hour of each quarter hour of a day; looked up once for all machines."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._known: dict[date, PriceOfDay] = {}
        self._gone: Collection[str] = ()

    def of(self, day: date) -> PriceOfDay:
        """The prices of a day."""
        prices = self._known.get(day)
        if prices is None:
            if len(self._known) >= PRICED_DAYS:
                self._known.clear()
            prices = self._known[day] = self._priced(day)
        return prices

    def of_stored(self, day: Day) -> Day:
        """A stored day, with current prices for those that are missing or come from an import that was taken back."""
        price = self.of(day.date)
        return repriced(without_prices(day, self._gone, price), price)

    def forget(self, gone: Collection[str]) -> None:
        """Look prices up again, because they have changed; `gone` are the imports that were taken back."""
        self._known.clear()
        self._gone = gone

    def _priced(self, day: date) -> PriceOfDay:
        zone = self._plant.zone
        start = midnight(day, zone)
        starts = (start + n * QUARTER_SECONDS for n in range(quarter_count(day, zone)))
        prices = [self._plant.price(utc(at)) for at in starts]
        version = next((price.version.title for price in prices if price is not None), None)
        return PriceOfDay(
            tuple(None if price is None else price.per_kwh for price in prices),
            version,
            tuple(None if price is None else price.batch_id for price in prices),
        )


def repriced(day: Day, price: PriceOfDay, *, whole: bool = False) -> Day:
    """The day with current prices if it has none or nothing was counted yet: a new price never changes the past.

    With `whole`, the entire day gets current prices.
    """
    imported = day.imported or (None,) * len(day)
    counted = [
        any(values) or file is not None
        for file, *values in zip(imported, *(getattr(day, name) for name in COLUMNS), strict=True)
    ]
    return _priced_at(
        day, price, {i for i, old in enumerate(day.price_per_kwh) if whole or old is None or not counted[i]}
    )


def without_prices(day: Day, gone: Collection[str], price: PriceOfDay) -> Day:
    """The day, with current prices in place of those from an import that was taken back."""
    return _priced_at(day, price, {i for batch, where in day.price_batches.items() if batch in gone for i in where})


def _priced_at(day: Day, price: PriceOfDay, where: Collection[int]) -> Day:
    """The day with current prices in some quarter hours."""
    batches: list[str | None] = [None] * len(day)
    for batch, indexes in day.price_batches.items():
        for i in indexes:
            batches[i] = batch
    per_kwh = list(day.price_per_kwh)
    for i in where:
        per_kwh[i], batches[i] = price.per_kwh[i], price.batches[i]
    kept, kept_batches = tuple(per_kwh), places_by_batch(batches)
    if kept == day.price_per_kwh:
        return day if kept_batches == day.price_batches else replace(day, price_batches=kept_batches)
    return replace(
        day, price_per_kwh=kept, price_batches=kept_batches, price_version=price.version or day.price_version
    )
