"""The files next to a plant file: public holidays, an iCal file of shutdowns, a file of market prices."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import holidays
import icalendar

from energytrack.contract.calendar import PublicHolidays, Shutdown
from energytrack.contract.errors import UnusablePlantFile
from energytrack.contract.ical import calendar_of
from energytrack.contract.tariff import MarketPrice, MarketPrices

PRICE_COLUMNS: Final = ("price_per_kwh", "location_kg_per_kwh", "market_kg_per_kwh")


def public_holidays(region: PublicHolidays) -> Mapping[date, str]:
    """Public holidays by date, of any year; raises UnusablePlantFile for an unknown country or region."""
    try:
        return holidays.country_holidays(region.country, subdiv=region.subdivision)
    except NotImplementedError as error:
        raise UnusablePlantFile(f"{error} (codes of ISO 3166: country DE, subdivision BY)") from error


def shutdowns_of(path: Path) -> tuple[Shutdown, ...]:
    """The all-day events of an iCal file; other events are appointments, not shutdowns.

    Raises UnusablePlantFile.
    """
    return tuple(_shutdowns(calendar_of(path)))


def _shutdowns(calendar: icalendar.Component) -> Iterator[Shutdown]:
    for event in calendar.walk("VEVENT"):
        first = event.decoded("DTSTART")
        if isinstance(first, datetime):
            continue
        end = event.decoded("DTEND", first + timedelta(days=1))  # the day after the last one
        name = str(event.get("SUMMARY", "shut down"))[:64] or "shut down"
        yield Shutdown(name, first, max(first, end - timedelta(days=1)))


def market_prices_of(path: Path) -> MarketPrices:
    """A CSV file of market prices: `timestamp` (ISO 8601 with its zone), `price_per_kwh`, optional emission factors."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = {"timestamp", "price_per_kwh"} - set(rows.fieldnames or ())
            if missing:
                raise UnusablePlantFile(f"{path.name}: expected the columns timestamp,price_per_kwh in its first line")
            prices = [_market_price(row, f"{path.name}, line {number}") for number, row in enumerate(rows, start=2)]
    except OSError as error:
        raise UnusablePlantFile(f"{path.name} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusablePlantFile(f"{path.name} is not a CSV file in UTF-8: {error}") from error
    for start, count in Counter(price.start for price in prices).items():
        if count > 1:
            raise UnusablePlantFile(f"{path.name}: {start.isoformat()} occurs twice")
    return MarketPrices(prices)


def _market_price(row: Mapping[str, str | None], where: str) -> MarketPrice:
    text = row["timestamp"] or ""
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnusablePlantFile(f"{where}: expected a time in ISO 8601, got {text!r}") from error
    if start.tzinfo is None:
        raise UnusablePlantFile(f"{where}: {text!r} has no zone; write 2026-10-01T00:00+02:00 or …Z")
    price, location, market = (_number(row.get(column), where, column) for column in PRICE_COLUMNS)
    if price is None:
        raise UnusablePlantFile(f"{where}: expected a price_per_kwh, got nothing")
    return MarketPrice(start.astimezone(UTC), price, location, market)


def _number(text: str | None, where: str, column: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UnusablePlantFile(f"{where}: expected a number for {column}, got {text!r}")
    return number
