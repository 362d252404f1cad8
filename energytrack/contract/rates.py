"""Prices and emission factors that people imported, beside the file of market prices. Pure."""

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


class RateSteps(Generic[T]):
    """A price or a factor over time: of two series that know a time, the later counts, for as long as it holds."""

    def __init__(self, layers: Iterable[Iterable[tuple[int, int, T]]]) -> None:
        """Of each series the beginning, the end and the value; the first series counts least."""
        spans = [span for layer in layers for span in layer]
        self._bounds = sorted({bound for start, end, _ in spans for bound in (start, end)})
        self._values: list[T | None] = [None] * len(self._bounds)
        for start, end, value in spans:
            first, last = bisect_left(self._bounds, start), bisect_left(self._bounds, end)
            self._values[first:last] = [value] * (last - first)

    def at(self, ms: int) -> T | None:
        """What holds at a time; None where no series knows it."""
        index = bisect_right(self._bounds, ms) - 1
        return None if index < 0 else self._values[index]

    def known(self) -> Iterator[tuple[int, int, T]]:
        """The beginnings, ends and values of all stretches that are known, oldest first."""
        for (start, end), value in zip(pairwise(self._bounds), self._values, strict=False):
            if value is not None:
                yield start, end, value


def _spans(series: RateSeries) -> Iterator[tuple[int, int, float]]:
    """The beginning, the end and the value of each interval; one that begins within another one ends that."""
    following = (*series.start_ms[1:], sys.maxsize)
    for start, after, value in zip(series.start_ms, following, series.per_kwh, strict=True):
        yield start, min(start + series.width_ms, after), value


class ImportedFactors:
    """Both factors, as imports say."""

    def __init__(self, imports: Sequence[ImportedRates] = ()) -> None:
        """The oldest import first."""
        self._location, self._market = (
            RateSteps(_spans(series) for each in imports for series in each.series if series.kind == kind)
            for kind in ("location", "market")
        )

    def over(self, factors: Factors, moment: datetime) -> Factors:
        """The factors at an aware time: those of an import come before those of the plant's files."""
        ms = _ms(moment)
        location, market = self._location.at(ms), self._market.at(ms)
        return Factors(factors.location if location is None else location, factors.market if market is None else market)


def with_imports(market: str, written: MarketPrices, imports: Sequence[ImportedRates]) -> MarketPrices:
    """The market prices of a name: those of its file, and above them those of imports, the oldest import first.

    Where an import has the price, the file's emission factors of that time stay.
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
