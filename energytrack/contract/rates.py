"""Imported prices and emission factors, which add to the file of market prices. Pure."""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta, Struct

from energytrack.contract.emissions import Factors
from energytrack.contract.tariff import MarketPrice, MarketPrices

RateKind = Literal["price", "location", "market"]
T = TypeVar("T")
_FromBatch = tuple[float, str | None]
"""A price and the import that it comes from."""


class RateSeries(Struct, frozen=True):
    """A price or an emission factor, oldest first; an interval without a value is not in it."""

    kind: RateKind
    start_ms: tuple[int, ...]
    """Milliseconds since the epoch."""
    per_kwh: tuple[float, ...]
    """Money or kilograms of CO2e."""
    width_ms: Annotated[int, Meta(gt=0)]
    """How long each value applies."""

    def __len__(self) -> int:
        return len(self.start_ms)


class ImportedRates(Struct, frozen=True):
    """One import: prices for the market prices of a name, and emission factors of the grid and of the contract."""

    batch_id: str
    market: str
    """The contract's `market_prices` to which its prices belong; empty without prices."""
    series: tuple[RateSeries, ...]


class RateSteps(Generic[T]):
    """A price or a factor over time; where series overlap, the later one counts."""

    def __init__(self, layers: Iterable[Iterable[tuple[int, int, T]]]) -> None:
        """`layers` has the beginning, end and value of each interval by series; the first series counts least."""
        spans = [span for layer in layers for span in layer]
        self._bounds = sorted({bound for start, end, _ in spans for bound in (start, end)})
        self._values: list[T | None] = [None] * len(self._bounds)
        for start, end, value in spans:
            first, last = bisect_left(self._bounds, start), bisect_left(self._bounds, end)
            self._values[first:last] = [value] * (last - first)

    def at(self, ms: int) -> T | None:
        """The value at a time; None if no series has one."""
        index = bisect_right(self._bounds, ms) - 1
        return None if index < 0 else self._values[index]

    def known(self) -> Iterator[tuple[int, int, T]]:
        """The beginning, end and value of each interval with a value, oldest first."""
        for (start, end), value in zip(pairwise(self._bounds), self._values, strict=False):
            if value is not None:
                yield start, end, value


def _spans(series: RateSeries) -> Iterator[tuple[int, int, float]]:
    """The beginning, end and value of each interval, which ends early if the next one begins within it."""
    following = (*series.start_ms[1:], sys.maxsize)
    for start, after, value in zip(series.start_ms, following, series.per_kwh, strict=True):
        yield start, min(start + series.width_ms, after), value


class ImportedFactors:
    """Imported emission factors of the grid and of the contract."""

    def __init__(self, imports: Sequence[ImportedRates] = ()) -> None:
        """`imports` are ordered, oldest first."""
        self._location, self._market = (
            RateSteps(_spans(series) for each in imports for series in each.series if series.kind == kind)
            for kind in ("location", "market")
        )

    def over(self, factors: Factors, moment: datetime) -> Factors:
        """The factors at an aware time: imported ones take precedence over `factors`, those of the plant's files."""
        ms = _ms(moment)
        location, market = self._location.at(ms), self._market.at(ms)
        return Factors(factors.location if location is None else location, factors.market if market is None else market)


def with_imports(market: str, written: MarketPrices, imports: Sequence[ImportedRates]) -> MarketPrices:
    """The market prices of a name: those of its file, overridden by imports, of which the latest counts.

    If an import has a price, the file's emission factors of that time stay.
    """
    layers = [
        _of_batch(imported.batch_id, series)
        for imported in imports
        if imported.market == market
        for series in imported.series
        if series.kind == "price"
    ]
    if not layers:
        return written
    from_file: Iterator[tuple[int, int, _FromBatch]] = (
        (_ms(price.start), _ms(until), (price.price_per_kwh, None)) for price, until in written.spans()
    )
    prices, ends = [], []
    for start_ms, end_ms, (value, batch_id) in RateSteps([from_file, *layers]).known():
        start = datetime.fromtimestamp(start_ms / 1000, UTC)
        filed = written.at(start)
        filed = filed or MarketPrice(start, value)
        prices.append(filed._replace(start=start, price_per_kwh=value, batch_id=batch_id))
        ends.append(datetime.fromtimestamp(end_ms / 1000, UTC))
    return MarketPrices(prices, until=ends)


def _of_batch(batch_id: str, series: RateSeries) -> Iterator[tuple[int, int, _FromBatch]]:
    return ((start, end, (value, batch_id)) for start, end, value in _spans(series))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
