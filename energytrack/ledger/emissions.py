"""Emissions of a machine's energy, location-based and market-based. Pure.

Factors of a year are published when it is over, so emissions are computed on request, never stored.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from energytrack.contract.emissions import Factors
from energytrack.ledger.day import COUNTED, Day
from energytrack.metering.quarters import QUARTER_SECONDS


class Emissions(Struct, frozen=True, kw_only=True):
    """Emissions in kg CO2e by both methods, and the energy without a known factor; every field adds up."""

    location_kg: float = 0.0
    location_unknown_kwh: float = 0.0
    market_kg: float = 0.0
    market_unknown_kwh: float = 0.0
    kwh: float = 0.0
    """The energy that counts."""

    @property
    def known_location_kg(self) -> float | None:
        """Kg CO2e; None if no factor is known for any of the energy."""
        return None if self.location_unknown_kwh and self.location_unknown_kwh >= self.kwh else self.location_kg

    @property
    def known_market_kg(self) -> float | None:
        """Kg CO2e; None if no factor is known for any of the energy."""
        return None if self.market_unknown_kwh and self.market_unknown_kwh >= self.kwh else self.market_kg

    def __add__(self, other: "Emissions") -> "Emissions":
        """The sum of both."""
        return Emissions(**{name: getattr(self, name) + getattr(other, name) for name in FIELDS})


FIELDS: Final = Emissions.__struct_fields__
NO_EMISSIONS: Final = Emissions()


class FactorsAt(Protocol):
    """Gives the factors at an aware time."""

    def __call__(self, at: datetime, /) -> Factors: ...


class DayFactors:
    """The factors of each quarter hour of a day; one look-up serves all machines."""

    def __init__(self, factors_at: FactorsAt, zone: ZoneInfo) -> None:
        self._factors_at = factors_at
        self._zone = zone
        self._known: dict[float, tuple[Factors, ...]] = {}

    def of(self, day: Day) -> tuple[Factors, ...]:
        """The factors of a machine's day, one for each quarter hour."""
        factors = self._known.get(day.start)
        if factors is None:
            starts = (day.start + index * QUARTER_SECONDS for index in range(len(day)))
            factors = tuple(self._factors_at(datetime.fromtimestamp(at, self._zone)) for at in starts)
            self._known[day.start] = factors
        return factors


def emissions_of(day: Day, factors: Sequence[Factors], first: int = 0, until: int | None = None) -> Emissions:
    """Emissions of a day, or of some of its quarter hours; `factors` are those of the whole day."""
    stretch = slice(first, until)
    columns = [getattr(day, name)[stretch] for name in COUNTED if getattr(day, name)]
    location = market = location_unknown = market_unknown = whole = 0.0
    for factor, *used in zip(factors[stretch], *columns, strict=True):
        kwh = sum(used)
        whole += kwh
        if factor.location is None:
            location_unknown += kwh
        else:
            location += kwh * factor.location
        if factor.market is None:
            market_unknown += kwh
        else:
            market += kwh * factor.market
    return Emissions(
        location_kg=location, location_unknown_kwh=location_unknown, market_kg=market,
        market_unknown_kwh=market_unknown, kwh=whole,
    )  # fmt: skip


def all_emissions(each: Iterable[Emissions]) -> Emissions:
    """The sum of all."""
    return sum(each, NO_EMISSIONS)
