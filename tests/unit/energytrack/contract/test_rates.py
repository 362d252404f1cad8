"""Imported prices and factors beside the plant's files: the later import counts."""

from datetime import UTC, datetime, timedelta

import pytest

from energytrack.contract.emissions import Factors
from energytrack.contract.rates import ImportedFactors, ImportedRates, RateKind, RateSeries, with_imports
from energytrack.contract.tariff import MarketPrice, MarketPrices
from testkit.dates import NOW

START = NOW.replace(minute=0, second=0, microsecond=0)
HOUR = timedelta(hours=1)


def an_import(batch_id: str, kind: RateKind, *values: float, market: str = "spot", first: datetime = START,
              width: timedelta = HOUR) -> ImportedRates:  # fmt: skip
    starts = tuple(round((first + n * width).timestamp() * 1000) for n in range(len(values)))
    return ImportedRates(batch_id, market, (RateSeries(kind, starts, values, round(width.total_seconds() * 1000)),))


def test_an_import_stands_above_the_file_and_keeps_its_factors() -> None:
    written = MarketPrices([MarketPrice(START, 0.1, 0.4), MarketPrice(START + HOUR, 0.2)])
    prices = with_imports("spot", written, [an_import("a", "price", 0.3)])
    assert list(prices) == [MarketPrice(START, 0.3, 0.4, batch_id="a"), MarketPrice(START + HOUR, 0.2)]
    assert with_imports("spot", written, []) is written


def test_of_two_imports_the_later_counts_and_others_are_left_alone() -> None:
    imports = [
        an_import("a", "price", 0.3, 0.4),
        an_import("b", "price", 0.5),
        an_import("c", "price", 9.0, market="x"),
    ]
    prices = with_imports("spot", MarketPrices(()), imports)
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


def test_an_hours_price_counts_for_the_whole_hour_above_those_of_quarter_hours() -> None:
    """And a quarter hour's for no longer than that; the hour before it is known again afterwards."""
    quarter = HOUR / 4
    quarters = MarketPrices([MarketPrice(START + n * quarter, 0.1 * n, 0.4) for n in range(8)])
    imports = [an_import("a", "price", 0.9), an_import("b", "price", 0.5, first=START + quarter, width=quarter)]
    prices = with_imports("spot", quarters, imports)
    at = [prices.at(START + n * quarter) for n in range(8)]
    assert [each.price_per_kwh for each in at if each] == pytest.approx([0.9, 0.5, 0.9, 0.9, 0.4, 0.5, 0.6, 0.7])
    assert {each.location_kg_per_kwh for each in at if each} == {0.4}, "the file's factors stay"
    assert prices.at(START + 8 * quarter) is None


def test_a_quarter_hours_price_within_an_hour_of_the_file_keeps_the_factor_of_that_hour() -> None:
    quarter = HOUR / 4
    imports = [an_import("a", "price", 0.3, first=START + quarter, width=quarter)]
    prices = with_imports("spot", MarketPrices([MarketPrice(START, 0.1, 0.4)]), imports)
    at = [prices.at(START + n * quarter) for n in range(4)]
    assert [(each.price_per_kwh, each.location_kg_per_kwh) for each in at if each] == [
        (0.1, 0.4), (0.3, 0.4), (0.1, 0.4), (0.1, 0.4),
    ]  # fmt: skip


def test_a_missing_quarter_hour_is_unknown_whatever_other_imports_are_there() -> None:
    quarter = HOUR / 4
    with_gap = an_import("a", "price", 0.3, width=quarter), an_import("b", "price", 0.4, first=START + HOUR / 2,
                                                                        width=quarter)  # fmt: skip
    later = an_import("c", "price", 0.5, first=START + 24 * HOUR)
    prices = with_imports("spot", MarketPrices(()), [*with_gap, later])
    assert prices.at(START + quarter) is None, "unknown, not what it was before"


def test_a_later_hours_factor_counts_for_the_whole_hour() -> None:
    quarter = HOUR / 4
    early = an_import("a", "location", 0.1, 0.2, 0.3, 0.4, width=quarter)
    factors = ImportedFactors([early, an_import("b", "location", 0.9)])
    assert factors.over(Factors(), START + 2 * quarter) == Factors(0.9, None)
    factors = ImportedFactors([an_import("b", "location", 0.9), an_import("a", "location", 0.1, width=quarter)])
    assert factors.over(Factors(), START + quarter) == Factors(0.9, None), "the hour is known beyond the quarter"
