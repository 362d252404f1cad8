"""Actual and expected energy by day, their CUSUM, and energy performance indicators (EnPI). Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct

from energytrack.baselines.observations import ObservationTable
from energytrack.baselines.regression import Fit


class Adjustment(Struct, frozen=True):
    """A non-routine adjustment: energy per day that the baseline cannot predict, with a note that says why."""

    first: date
    last: date | None
    """Included; None if it holds from then on."""
    kwh_per_day: float
    """Added to the expected energy; negative if less would have been used."""
    note: str

    def on(self, day: date) -> float:
        """The energy that it adds on a day."""
        return self.kwh_per_day if self.first <= day and (self.last is None or day <= self.last) else 0.0


class Point(Struct, frozen=True):
    """One day compared with its baseline."""

    day: date
    actual_kwh: float
    expected_kwh: float
    """Including adjustments."""
    adjusted_kwh: float
    """The adjustments alone."""
    cusum_kwh: float
    """Sum of actual minus expected up to this day: falls while energy is saved."""
    in_range: bool
    """Whether the day's variables are in the range of the baseline period."""
    price_per_kwh: float | None
    estimated_kwh: float

    @property
    def excess_kwh(self) -> float:
        """Actual minus expected."""
        return self.actual_kwh - self.expected_kwh


def course_of(fit: Fit, table: ObservationTable, adjustments: Sequence[Adjustment] = ()) -> tuple[Point, ...]:
    """Every day of a table, oldest first; its variables must be those of the model."""
    points: list[Point] = []
    sum_kwh = 0.0
    for row in table.rows:
        added = sum(each.on(row.day) for each in adjustments)
        expected = fit.expected(row) + added
        sum_kwh += row.kwh - expected
        points.append(
            Point(row.day, row.kwh, expected, added, sum_kwh, fit.in_range(row), row.price_per_kwh, row.estimated_kwh)
        )
    return tuple(points)


class Performance(Struct, frozen=True):
    """Energy performance indicators of a period (ISO 50006); None if what they are based on is not known."""

    kwh: float
    expected_kwh: float
    ratio: float | None
    """Actual over expected: below 1 is better than the baseline."""
    kwh_per_part: float | None
    kwh_per_hour: float | None
    """Per hour of operation."""


def performance_of(points: Iterable[Point], *, parts: float | None, hours: float | None) -> Performance:
    """The indicators of some days, with the parts and the hours of operation of the same days."""
    listed = list(points)
    kwh, expected = sum(each.actual_kwh for each in listed), sum(each.expected_kwh for each in listed)
    return Performance(
        kwh=kwh,
        expected_kwh=expected,
        ratio=kwh / expected if expected > 0.0 else None,
        kwh_per_part=kwh / parts if parts else None,
        kwh_per_hour=kwh / hours if hours else None,
    )
