"""Prices and emission factors that people imported, beside the file of market prices. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from energytrack.contract.emissions import Factors
from energytrack.contract.tariff import MarketPrice, MarketPrices

RateKind = Literal["price", "location", "market"]


class RateSeries(Struct, frozen=True):
    """A price or an emission factor, oldest first; an interval without a value is not in it."""

    kind: RateKind
    start_ms: tuple[int, ...]
    """Milliseconds since the epoch."""
    per_kwh: tuple[float, ...]
    """Money or kilograms."""
    width_ms: Annotated[int, Meta(gt=0)]
    """How long each holds."""

    def __len__(self) -> int:
        return len(self.start_ms)


class ImportedRates(Struct, frozen=True):
    """What one import says: prices for the market prices of a name, and factors of the grid and of the contract."""

    batch_id: str
    market: str
    """The `market_prices` of the contract that its prices belong to; empty where it has none."""
    series: tuple[RateSeries, ...]


class FactorSteps:
    """An emission factor over time: of two imports that know a time, the later counts."""

    def __init__(self, series: Iterable[RateSeries]) -> None:
        known: dict[int, tuple[float, int]] = {}
        for each in series:
            known.update((at, (value, each.width_ms)) for at, value in zip(each.start_ms, each.per_kwh, strict=True))
        self._starts = sorted(known)
        self._held = [known[at] for at in self._starts]

    def at(self, moment: datetime) -> float | None:
        """The factor that holds at an aware time; None where no import knows one."""
        ms = round(moment.timestamp() * 1000)
        index = bisect_right(self._starts, ms) - 1
        if index < 0:
            return None
        value, width_ms = self._held[index]
        return value if ms - self._starts[index] < width_ms else None


class ImportedFactors:
    """Both factors, as imports say."""

    def __init__(self, imports: Sequence[ImportedRates] = ()) -> None:
        """The oldest import first."""
        self._location, self._market = (
            FactorSteps(series for each in imports for series in each.series if series.kind == kind)
            for kind in ("location", "market")
        )

    def over(self, factors: Factors, moment: datetime) -> Factors:
        """The factors at an aware time: those of an import come before those of the plant's files."""
        location, market = self._location.at(moment), self._market.at(moment)
        return Factors(factors.location if location is None else location, factors.market if market is None else market)


def with_imports(market: str, written: Iterable[MarketPrice], imports: Sequence[ImportedRates]) -> MarketPrices:
    """The market prices of a name: those of its file, and above them those of imports, the oldest import first."""
    prices = {each.start: each for each in written}
    for imported in imports:
        if imported.market != market:
            continue
        for series in imported.series:
            if series.kind == "price":
                for at, value in zip(series.start_ms, series.per_kwh, strict=True):
                    start = datetime.fromtimestamp(at / 1000, UTC)
                    prices[start] = prices.get(start, MarketPrice(start, value))._replace(price_per_kwh=value)
    return MarketPrices(list(prices.values()))
