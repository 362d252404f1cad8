"""A meter over some days: its mean base load at night and its emissions. Pure."""

from collections.abc import Iterable, Sequence

from energytrack.plant import Plant
from energytrack.plant_meters.balance import MeterDay, balance, base_load


def mean_base_load(days: Sequence[MeterDay], plant: Plant) -> float | None:
    """The mean base load of the nights that are known, in units per hour; None if none is."""
    return _mean(base_load(day, day.used, plant.zone) for day in days)


def mean_base_load_of_rest(days: Sequence[MeterDay], plant: Plant) -> float | None:
    """The same for the rest, which no meter below it covers."""
    return _mean(base_load(day, day.rest, plant.zone) for day in days)


def emissions_kg(days: Sequence[MeterDay], plant: Plant) -> float | None:
    """Kg CO2e of the medium; None if a day has no factor, or if nothing is known."""
    kg = 0.0
    for day in days:
        used, factor = balance([day]).used, plant.medium_factor(day.meter_id, day.date)
        if factor is None:
            return None
        kg += factor * (used or 0.0)
    return kg if any(balance([day]).used is not None for day in days) else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) / len(known) if known else None
