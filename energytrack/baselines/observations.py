"""Energy and its variables by day: what a baseline is fitted to, and what is left out and why. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from energytrack.baselines.energy import DayEnergy
from energytrack.baselines.variables import Series
from energytrack.ledger.local_days import dates

Why = Literal["excluded", "energy not known", "variable not known"]


class Exclusion(Struct, frozen=True):
    """Days that a person left out of a period, and why: a fire, a strike, a test run."""

    first: date
    last: date
    """Included."""
    note: str

    def holds(self, day: date) -> bool:
        """Whether a day is left out."""
        return self.first <= day <= self.last


class DayObservation(Struct, frozen=True):
    day: date
    kwh: float
    values: tuple[float, ...]
    """Values of the variables, in their order."""
    price_per_kwh: float | None = None
    estimated_kwh: float = 0.0


class ObservationTable(Struct, frozen=True):
    """The days of a period that count, oldest first, and the numbers of those that do not."""

    variables: tuple[str, ...]
    rows: tuple[DayObservation, ...]
    skipped: Mapping[Why, int] = {}

    def only(self, variables: Sequence[str]) -> "ObservationTable":
        """The same days with fewer variables."""
        places = [self.variables.index(name) for name in variables]
        rows = tuple(
            DayObservation(row.day, row.kwh, tuple(row.values[p] for p in places), row.price_per_kwh, row.estimated_kwh)
            for row in self.rows
        )
        return ObservationTable(tuple(variables), rows, self.skipped)


def table_of(
    energy: Mapping[date, DayEnergy],
    variables: Mapping[str, Series],
    first: date,
    last: date,
    *,
    exclusions: Sequence[Exclusion] = (),
) -> ObservationTable:
    """The days from `first` to `last`, both included; a day with an unknown value is left out, not zero."""
    rows: list[DayObservation] = []
    skipped: dict[Why, int] = {}
    for day in dates(first, last):
        used = energy.get(day)
        values = [series[day] for series in variables.values() if day in series]
        why: Why
        if any(exclusion.holds(day) for exclusion in exclusions):
            why = "excluded"
        elif used is None or not used.is_known:
            why = "energy not known"
        elif len(values) < len(variables):
            why = "variable not known"
        else:
            rows.append(DayObservation(day, used.kwh, tuple(values), used.price_per_kwh, used.estimated_kwh))
            continue
        skipped[why] = skipped.get(why, 0) + 1
    return ObservationTable(tuple(variables), tuple(rows), skipped)
