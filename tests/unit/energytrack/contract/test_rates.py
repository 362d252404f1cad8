"""Imported prices and factors beside the plant's files: the later import counts."""

from datetime import UTC, datetime, timedelta

from energytrack.contract.emissions import Factors
from energytrack.contract.rates import ImportedFactors, ImportedRates, RateKind, RateSeries, with_imports
from energytrack.contract.tariff import MarketPrice
from testkit.dates import NOW

START = NOW.replace(minute=0, second=0, microsecond=0)
HOUR = timedelta(hours=1)


def an_import(batch_id: str, kind: RateKind, *values: float, market: str = "spot", first: datetime = START,
              width: timedelta = HOUR) -> ImportedRates:  # fmt: skip
    starts = tuple(round((first + n * width).timestamp() * 1000) for n in range(len(values)))
    return ImportedRates(batch_id, market, (RateSeries(kind, starts, values, round(width.total_seconds() * 1000)),))


def test_an_import_stands_above_the_file_and_keeps_its_factors() -> None:
    written = [MarketPrice(START, 0.1, 0.4), MarketPrice(START + HOUR, 0.2)]
    prices = with_imports("spot", written, [an_import("a", "price", 0.3)])
    assert list(prices) == [MarketPrice(START, 0.3, 0.4), MarketPrice(START + HOUR, 0.2)]
    assert list(with_imports("spot", written, [])) == written


def test_of_two_imports_the_later_counts_and_others_are_left_alone() -> None:
    imports = [
        an_import("a", "price", 0.3, 0.4),
        an_import("b", "price", 0.5),
        an_import("c", "price", 9.0, market="x"),
    ]
    prices = with_imports("spot", (), imports)
    assert [each.price_per_kwh for each in prices] == [0.5, 0.4]
    assert prices.at(START + 2 * HOUR) is None, "unknown, not free"


def test_an_imported_factor_stands_above_that_of_the_year_for_its_hour() -> None:
    factors = ImportedFactors([an_import("a", "location", 0.5, 0.0), an_import("b", "market", 0.1, first=START + HOUR)])
    year = Factors(0.363, None)
    assert factors.over(year, START + HOUR / 2) == Factors(0.5, None)
    assert factors.over(year, START + HOUR) == Factors(0.0, 0.1), "zero is a factor"
    assert factors.over(year, START + 2 * HOUR) == year
    assert factors.over(year, START - HOUR) == year


def test_a_quarter_hours_factor_holds_for_a_quarter_hour() -> None:
    quarter = HOUR / 4
    factors = ImportedFactors([an_import("a", "location", 0.5, 0.6, width=quarter)])
    assert factors.over(Factors(), START + quarter) == Factors(0.6, None)
    assert factors.over(Factors(), START + 2 * quarter) == Factors()
    assert factors.over(Factors(), START.astimezone(UTC)) == Factors(0.5, None)
