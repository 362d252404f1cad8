"""Prices and emission factors as the file that the contract reads; its reader checks the file before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from energytrack.contract.emissions import HIGHEST_FACTOR
from energytrack.contract.files import PRICE_COLUMNS, market_prices_of
from energytrack.contract.rates import RateSeries
from energytrack.contract.tariff import MarketPrice
from energytrack.errors import EnergyTrackError
from energytrack.importer.choices import Choices, FileFinding, UnreadableFile
from energytrack.importer.content import Content, DatedRates
from energytrack.importer.values.rates import chosen, gaps
from energytrack.replacing import replacing

HOUR: Final = timedelta(hours=1)
HOUR_MS: Final = 3_600_000
MOST_RATES: Final = 400_000
"""Eleven years of quarter hours."""


@dataclass(eq=False)
class UnusablePrices(EnergyTrackError):
    """Prices that the contract cannot use."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True)
class PriceFile:
    """A file of market prices as it would be written."""

    prices: tuple[MarketPrice, ...]
    """All of them, oldest first: what the file had before, and what is new."""
    new: int
    changed: int
    """Times that had another price or factor in the file."""
    findings: tuple[FileFinding, ...]


def price_file(
    content: Content, choices: Choices, before: Mapping[datetime, MarketPrice], *, currency: str
) -> PriceFile:
    """The file with the new content added; raises NotProved, UnreadableFile or UnusablePrices."""
    price, location, market = series = _known_rates(content, choices, currency)
    if price is None and not before:
        raise UnusablePrices("it holds emission factors only: write a file of prices first, and add them to it")
    made = dict(before)
    if price is not None:
        for at, value in _values(price).items():
            made[at] = before.get(at, MarketPrice(at, value))._replace(price_per_kwh=value)
    for rates in (location, market):
        if rates is not None:
            _add(made, rates)
    changed = sum(made[at] != each for at, each in before.items())
    findings = [finding for each in series if each is not None for finding in _findings(each)]
    return PriceFile(tuple(made[at] for at in sorted(made)), len(made) - len(before), changed, tuple(findings))


def rate_series(
    content: Content, choices: Choices, *, currency: str
) -> tuple[tuple[RateSeries, ...], tuple[FileFinding, ...]]:
    """A file's series for the database, and the findings; raises NotProved, UnreadableFile or UnusablePrices."""
    known_rates = [each for each in _known_rates(content, choices, currency) if each is not None]
    series = tuple(_series(each) for each in known_rates)
    if not any(map(len, series)):
        raise UnusablePrices(f"{content.name} has no known price or factor")
    if sum(map(len, series)) > MOST_RATES:
        raise UnusablePrices(f"{content.name} has more than {MOST_RATES:,} prices and factors: split it by year")
    return series, tuple(finding for each in known_rates for finding in _findings(each))


def _known_rates(content: Content, choices: Choices, currency: str) -> tuple[DatedRates | None, ...]:
    """The columns with the price, and the factors of the grid and of the contract."""
    price, location, market = (chosen(content.rates, kind, choices) for kind in ("price", "location", "market"))
    if price is None and location is None and market is None:
        raise UnreadableFile(content.name, "no heading says a price or an emission factor per kWh or MWh: --price NAME")
    if price is not None and price.rate.currency not in {None, currency}:
        raise UnusablePrices(f"{price.heading!r} is in {price.rate.currency}, the contract in {currency}")
    for rates in (location, market):
        if rates is not None:
            _check_factors(rates)
    return price, location, market


def known_prices(path: Path) -> Mapping[datetime, MarketPrice]:
    """The prices already in a file of market prices; empty if there is no file. Raises UnusablePlantFile."""
    return {each.start: each for each in market_prices_of(path)} if path.exists() else {}


def write_prices(path: Path, file: PriceFile) -> None:
    """Write the file completely or not at all: it replaces the old one once the contract's reader has understood it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial:
        partial.write((",".join(("timestamp", *PRICE_COLUMNS)) + "\n").encode())
        for each in file.prices:
            cells = ("" if value is None else repr(value) for value in each[1:])
            partial.write((",".join((f"{each.start:%Y-%m-%dT%H:%MZ}", *cells)) + "\n").encode())
        partial.flush()
        if tuple(market_prices_of(Path(partial.name))) != file.prices:
            raise UnusablePrices(f"{path.name} would be read differently from how it was written")


def _values(rates: DatedRates) -> dict[datetime, float]:
    is_finite = np.isfinite(rates.per_kwh)
    pairs = zip(rates.start_ms[is_finite].tolist(), rates.per_kwh[is_finite].tolist(), strict=True)
    return {datetime.fromtimestamp(ms / 1000, UTC): float(f"{value:.10g}") for ms, value in pairs}


def _add(made: dict[datetime, MarketPrice], rates: DatedRates) -> None:
    """Add to each price the factor that holds at its time."""
    factors, kind = _values(rates), rates.rate.kind
    width = timedelta(milliseconds=rates.width_ms) or HOUR
    starts = sorted(factors)
    places = np.searchsorted(np.array([each.timestamp() for each in starts]), [at.timestamp() for at in made], "right")
    for at, place in zip(list(made), places.tolist(), strict=True):
        if place and at - starts[place - 1] < width:
            factor = factors[starts[place - 1]]
            if kind == "location":
                made[at] = made[at]._replace(location_kg_per_kwh=factor)
            else:
                made[at] = made[at]._replace(market_kg_per_kwh=factor)


def _check_factors(rates: DatedRates) -> None:
    factors = rates.per_kwh[np.isfinite(rates.per_kwh)]
    if len(factors) and (factors.min() < 0 or factors.max() > HIGHEST_FACTOR):
        raise UnusablePrices(f"{rates.heading!r} has values outside 0 to {HIGHEST_FACTOR:g} kg per kWh: another unit?")


def _series(rates: DatedRates) -> RateSeries:
    values = _values(rates)
    starts = tuple(round(at.timestamp() * 1000) for at in values)
    width_ms = min(rates.width_ms or HOUR_MS, HOUR_MS) if rates.rate.kind == "price" else rates.width_ms or HOUR_MS
    return RateSeries(rates.rate.kind, starts, tuple(values.values()), width_ms)


def _findings(rates: DatedRates) -> list[FileFinding]:
    unit = {"price": "a price", "location": "emissions, location-based", "market": "emissions, market-based"}
    values = rates.per_kwh[np.isfinite(rates.per_kwh)]
    low, high = (f"{float(each):.4f}" for each in (values.min(), values.max())) if len(values) else ("none", "none")
    findings = [FileFinding("rate", rates.heading, f"{unit[rates.rate.kind]}: {low} to {high} per kWh")]
    missing, first = gaps(rates)
    if missing and first is not None:
        at = datetime.fromtimestamp(first / 1000, UTC)
        why = f"intervals have no value, the first at {at:%Y-%m-%d %H:%M} UTC: unknown, not free"
        findings.append(FileFinding("gaps", str(missing), why))
    return findings
