"""What energy costs: bands, versions, seasons, holidays, market prices."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from energytrack.contract.calendar import WEEKDAYS, DayKind, DayWindow, Weekday
from energytrack.contract.tariff import Band, MarketPrice, MarketPrices, Season, Tariff, TariffVersion, price_at
from testkit.dates import CLOCKS_BACK, MIDNIGHT, MONDAY, PLANT_ZONE

WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
PEAK = Band("peak", 0.31, (DayWindow(WORKDAYS, time(17), time(20)),))
NIGHT = Band("night", 0.17, (DayWindow(WEEKDAYS, time(22), time(6)),))
STANDARD = Band("standard", 0.24)
HOUR = timedelta(hours=1)


def a_version(*bands: Band, **fields: Any) -> TariffVersion:
    return TariffVersion(bands=bands or (PEAK, NIGHT, STANDARD), **fields)


def monday(hour: int, minute: int = 30) -> datetime:
    return datetime.combine(MONDAY, time(hour, minute), PLANT_ZONE)


def holiday(_: date) -> DayKind:
    return "holiday"


def test_the_first_band_that_contains_a_time_holds() -> None:
    """Bands may overlap; the last one holds at all other times."""
    night = Band("night", 0.17, (DayWindow(("mon",), time(19), time(6)),))
    version = a_version(PEAK, night, STANDARD)
    names = {hour: version.band(monday(hour)).name for hour in (10, 17, 19, 20, 23)}
    assert names == {10: "standard", 17: "peak", 19: "peak", 20: "night", 23: "night"}


def test_a_holiday_is_priced_as_a_sunday_unless_the_contract_says_otherwise() -> None:
    assert a_version().band(monday(18), holiday).name == "standard"
    own = Band("holidays", 0.20, (DayWindow(("holiday",), time(0), time(0)),))
    assert a_version(own, PEAK, STANDARD).band(monday(18), holiday).name == "holidays"


@pytest.mark.parametrize(
    ("month", "band"), [(1, "winter"), (3, "winter"), (4, "summer"), (10, "summer"), (11, "winter")]
)
def test_a_season_may_run_past_new_year(month: int, band: str) -> None:
    seasons = (Season("winter", "11-01", "03-31"), Season("summer", "04-01", "10-31"))
    version = a_version(Band("winter", 0.3, season="winter"), Band("summer", 0.2, season="summer"), seasons=seasons)
    assert version.band(datetime(MONDAY.year, month, 15, 12, tzinfo=PLANT_ZONE)).name == band


def test_a_new_price_never_changes_the_past() -> None:
    old, new = a_version(STANDARD), a_version(Band("standard", 0.28), valid_from=MONDAY)
    tariff = Tariff("EUR", versions=(new, old))
    assert tariff.version(MONDAY - timedelta(days=1)) == old
    assert tariff.version(MONDAY) == new


def test_before_the_first_version_nobody_knows_the_price() -> None:
    tariff = Tariff("EUR", versions=(a_version(valid_from=MONDAY),))
    assert tariff.version(MONDAY - timedelta(days=1)) is None


def test_bands_alone_are_one_version_since_ever() -> None:
    version = Tariff("EUR", (STANDARD,)).version(date.min)
    assert version is not None
    assert (version.bands, version.title) == ((STANDARD,), "contract")


class TestMarketPrices:
    prices = MarketPrices([MarketPrice(MIDNIGHT + n * HOUR, 0.05 * (n - 1)) for n in range(3)])

    def test_each_holds_until_the_next_one_negative_ones_too(self) -> None:
        found = [self.prices.at(MIDNIGHT + minutes * timedelta(minutes=1)) for minutes in (0, 59, 60, 179)]
        assert [price and price.price_per_kwh for price in found] == [-0.05, -0.05, 0.0, 0.05]

    @pytest.mark.parametrize("hours", [-0.01, 3.0, 24.0])
    def test_outside_the_file_nobody_knows_the_price(self, hours: float) -> None:
        assert self.prices.at(MIDNIGHT + hours * HOUR) is None

    def test_the_band_s_price_is_added_to_the_market_s(self) -> None:
        version = a_version(Band("margin", 0.02), market_prices="spot.csv")
        local = (MIDNIGHT + 2 * HOUR).astimezone(PLANT_ZONE)
        price = price_at(version, local, kind_of=lambda _: "mon", market=self.prices)
        assert price.per_kwh == pytest.approx(0.07)
        later = price_at(version, local + timedelta(days=2), kind_of=lambda _: "mon", market=self.prices)
        assert later.per_kwh is None

    def test_the_hour_that_comes_twice_has_two_prices(self) -> None:
        """Market prices are those of an instant, whatever the clock on the wall says."""
        first = datetime.combine(CLOCKS_BACK, time(2, 30), PLANT_ZONE)
        start = first.astimezone(UTC).replace(minute=0)
        prices = MarketPrices([MarketPrice(start, 0.1), MarketPrice(start + HOUR, 0.2)])
        version = a_version(Band("margin", 0.0), market_prices="spot.csv")
        costs = [
            price_at(version, local, kind_of=lambda _: "sun", market=prices).per_kwh
            for local in (first, first.replace(fold=1))
        ]
        assert costs == [0.1, 0.2]
