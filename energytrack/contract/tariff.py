"""The costs of energy: versions of a contract with bands, seasons, market prices, demand, charges and levies. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final, Literal, NamedTuple

from msgspec import Meta, Struct

from energytrack.contract.calendar import DayKind, DayWindow, weekday_of
from energytrack.contract.emissions import EmissionFactor, Factors, MediumFactor, factors_of
from energytrack.fields import Name

MonthDay = Annotated[str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z")]
"""`11-01`: the first of November of every year."""
Amount = Annotated[float, Meta(ge=0)]
BEGINNING: Final = date.min


class Season(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of every year; if it does not end after its start, it runs past New Year."""

    name: Name
    first: MonthDay
    last: MonthDay
    """The last day, included."""

    def contains(self, day: date) -> bool:
        """Whether a day lies in it."""
        key = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= key <= self.last
        return key >= self.first or key <= self.last


class Band(Struct, frozen=True, forbid_unknown_fields=True):
    """A tariff band: the price of a kilowatt hour in some windows of the week."""

    name: Name
    price_per_kwh: float
    """Surcharge on the market price, if the version has one. May be negative."""
    windows: tuple[DayWindow, ...] = ()
    """None in the last band, which applies at all other times."""
    season: Name | None = None
    """Only in this season of the version."""


class DemandCharge(Struct, frozen=True, forbid_unknown_fields=True):
    """The price of power: charged for the highest mean over a fixed quarter of an hour."""

    price_per_kw: Amount
    period: Literal["month", "year"] = "month"
    """Pay the highest demand of each month monthly, or the highest of the calendar year once."""
    floor_kw: Amount = 0.0
    """Minimum power that is billed."""


class Levy(Struct, frozen=True, forbid_unknown_fields=True):
    """A tax or a levy as a line on the bill; exactly one of the three amounts is set."""

    name: Name
    per_kwh: float | None = None
    per_month: float | None = None
    percent: float | None = None
    """A percentage of the lines above it."""


class TariffVersion(Struct, frozen=True, forbid_unknown_fields=True):
    """A contract, valid from its first day until the next version."""

    bands: Annotated[tuple[Band, ...], Meta(min_length=1)]
    valid_from: date = BEGINNING
    name: Name | None = None
    seasons: tuple[Season, ...] = ()
    standing_charge_per_month: Amount = 0.0
    demand: DemandCharge | None = None
    levies: tuple[Levy, ...] = ()
    market_prices: str | None = None
    """A CSV file next to the plant file: `timestamp,price_per_kwh` and, optionally, emission factors. Or `imported`."""

    @property
    def title(self) -> str:
        """Its name on a bill."""
        return self.name or ("contract" if self.valid_from == BEGINNING else f"contract from {self.valid_from}")

    def band(self, local: datetime, kind_of: Callable[[date], DayKind] = weekday_of) -> Band:
        """The band that applies at a local time: the first with a window that contains it.

        If no window of the version names `holiday`, a holiday is priced as a Sunday, as in most contracts.
        """
        if not self._names_holidays():
            kind_of = _holidays_as_sundays(kind_of)
        seasons = {season.name for season in self.seasons if season.contains(local.date())}
        for band in self.bands:
            in_season = band.season is None or band.season in seasons
            if in_season and any(window.contains(local, kind_of) for window in band.windows):
                return band
        return next(
            (band for band in self.bands if not band.windows and (band.season is None or band.season in seasons)),
            self.bands[-1],
        )

    def _names_holidays(self) -> bool:
        return any("holiday" in window.days for band in self.bands for window in band.windows)


IMPORTED: Final = "imported"
"""As `market_prices`: there is no file, because people import the prices."""


class Tariff(Struct, frozen=True, forbid_unknown_fields=True):
    """[tariff] of the plant file: bands alone (one contract without a start date), or versions."""

    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    bands: tuple[Band, ...] = ()
    versions: tuple[TariffVersion, ...] = ()
    offers: tuple[TariffVersion, ...] = ()
    """Contracts that were never in force: a bill shows what they would have cost."""
    budget_per_month: Annotated[float, Meta(gt=0)] | None = None
    """The planned costs of the plant's energy in a month; Grafana compares the forecast with it."""
    emissions: tuple[EmissionFactor, ...] = ()
    """Emission factors by their first day; those of a file of market prices take precedence."""
    media_emissions: tuple[MediumFactor, ...] = ()
    """Emission factors of gas, heat and other media, by their first day."""

    def dated(self) -> tuple[TariffVersion, ...]:
        """All versions, oldest first."""
        whole = (TariffVersion(bands=self.bands),) if self.bands else ()
        return tuple(sorted(whole + self.versions, key=lambda version: version.valid_from))

    def version(self, day: date) -> TariffVersion | None:
        """The version that applies on a day in plant time; None before the first."""
        return next((version for version in reversed(self.dated()) if version.valid_from <= day), None)


class MarketPrice(NamedTuple):
    """The market price of energy from `start` on, and its emission factors."""

    start: datetime
    """Aware, UTC."""
    price_per_kwh: float
    """May be negative."""
    location_kg_per_kwh: float | None = None
    """Emission factor of the grid, kg CO2e per kWh (GHG Protocol, location-based)."""
    market_kg_per_kwh: float | None = None
    """Emission factor of the contract (market-based)."""
    batch_id: str | None = None
    """The import that the price comes from; None for the file's own."""


class MarketPrices:
    """A series of market prices.

    Each applies until the next one, but not longer than the longest step of the series, or than `until`.
    """

    def __init__(self, prices: Sequence[MarketPrice], *, until: Sequence[datetime] | None = None) -> None:
        """`until` has the end of each price; with it, the prices must be in order, oldest first."""
        self._prices = sorted(prices) if until is None else list(prices)
        self._starts = [price.start for price in self._prices]
        if until is None:
            steps = [later - earlier for earlier, later in zip(self._starts, self._starts[1:], strict=False)]
            holds = min(max(steps), timedelta(hours=1)) if steps else timedelta(hours=1)
            until = [start + holds for start in self._starts]
        self._until = until

    def __iter__(self) -> Iterator[MarketPrice]:
        """All prices, oldest first."""
        return iter(self._prices)

    def spans(self) -> Iterator[tuple[MarketPrice, datetime]]:
        """All prices, oldest first, each with the time until which it applies."""
        following = [*self._starts, datetime.max.replace(tzinfo=UTC)][1:]
        for price, until, start in zip(self._prices, self._until, following, strict=True):
            yield price, min(until, start)

    def at(self, moment: datetime) -> MarketPrice | None:
        """The price that applies at an aware time; None if the file has none."""
        index = bisect_right(self._starts, moment) - 1
        if index < 0 or moment >= self._until[index]:
            return None
        return self._prices[index]


def factors_at(tariff: Tariff, day: date, spot: MarketPrice | None) -> Factors:
    """Emission factors: those of the market price if its file has them, otherwise those of the day."""
    yearly = factors_of(tariff.emissions, day)
    if spot is None:
        return yearly
    return Factors(
        yearly.location if spot.location_kg_per_kwh is None else spot.location_kg_per_kwh,
        yearly.market if spot.market_kg_per_kwh is None else spot.market_kg_per_kwh,
    )


class Price(NamedTuple):
    """The price of a kilowatt hour at one time."""

    version: TariffVersion
    band: Band
    per_kwh: float | None
    """None while the market price is unknown: unknown is not free."""
    batch_id: str | None = None
    """The import that it comes from."""


def price_at(
    version: TariffVersion, local: datetime, *, kind_of: Callable[[date], DayKind], market: MarketPrices | None
) -> Price:
    """The price of a kilowatt hour at an aware local time of the plant."""
    band = version.band(local, kind_of)
    if version.market_prices is None:
        return Price(version, band, band.price_per_kwh)
    spot = market.at(local) if market is not None else None
    if spot is None:
        return Price(version, band, None)
    return Price(version, band, spot.price_per_kwh + band.price_per_kwh, spot.batch_id)


def _holidays_as_sundays(kind_of: Callable[[date], DayKind]) -> Callable[[date], DayKind]:
    def kind(day: date) -> DayKind:
        return "sun" if (day_kind := kind_of(day)) == "holiday" else day_kind

    return kind
