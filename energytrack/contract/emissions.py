"""The emissions of a kilowatt hour: factors of the grid and of the contract, by their first day. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct

HIGHEST_FACTOR: Final = 5.0
Factor = Annotated[float, Meta(ge=0, le=HIGHEST_FACTOR)]
"""kg CO2e per kWh; no power plant emits more than about 2, so a figure in grams is detected."""


class EmissionFactor(Struct, frozen=True, forbid_unknown_fields=True):
    """Emission factors that hold from a day until the next ones."""

    valid_from: date
    location_kg_per_kwh: Factor | None = None
    """Of the grid: location-based (GHG Protocol, scope 2)."""
    market_kg_per_kwh: Factor | None = None
    """Of the contract: market-based; 0 for certified green power, the residual mix without a certificate."""
    source: Annotated[str, Meta(max_length=200)] = ""
    """Who published them; shown on the report."""


class MediumFactor(Struct, frozen=True, forbid_unknown_fields=True):
    """The emissions of a unit of a medium other than electricity, from a day until that medium's next entry."""

    medium: Annotated[str, Meta(min_length=1, max_length=64)]
    """Its name in `[meters]`."""
    unit: Annotated[str, Meta(min_length=1, max_length=12)]
    kg_per_unit: Annotated[float, Meta(ge=0, le=100_000)]
    """kg CO2e; one figure, because the two methods of scope 2 are for electricity."""
    valid_from: date
    source: Annotated[str, Meta(max_length=200)] = ""
    """Who published it; shown on the report."""


def medium_factor(dated: Iterable[MediumFactor], medium: str, unit: str, day: date) -> float | None:
    """Kilograms of CO2e per unit of a medium on a day; None if not known."""
    held = [each for each in dated if (each.medium, each.unit) == (medium, unit) and each.valid_from <= day]
    return max(held, key=lambda each: each.valid_from).kg_per_unit if held else None


class Factors(NamedTuple):
    """The emission factors at one time; None if unknown."""

    location: float | None = None
    market: float | None = None


def factors_of(dated: Iterable[EmissionFactor], day: date) -> Factors:
    """The factors of a day: for each of the two, the last entry that has it."""
    location = market = None
    for each in sorted(dated, key=lambda each: each.valid_from):
        if each.valid_from <= day:
            location = location if each.location_kg_per_kwh is None else each.location_kg_per_kwh
            market = market if each.market_kg_per_kwh is None else each.market_kg_per_kwh
    return Factors(location, market)
