"""Energy over a period compared with a baseline, from the store; the control API and the report both use it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from energytrack.baselines.course import Performance, Point, course_of, performance_of
from energytrack.baselines.observations import ObservationTable
from energytrack.baselines.reading import Boundary, Observations
from energytrack.baselines.savings import Saving, saving_of
from energytrack.baselines.validity import grade_of
from energytrack.baselines.variables import HOURS_IN_OPERATION, PARTS, from_ledger
from energytrack.store.energy.baselines import Baseline


class BaselineComparison(NamedTuple):
    """Energy over a period compared with a baseline."""

    table: ObservationTable
    points: tuple[Point, ...]
    performance: Performance
    saving: Saving


def boundary_of(baseline: Baseline) -> Boundary:
    """The energy that a baseline is about."""
    return Boundary(baseline.hours, baseline.device_id, baseline.line, baseline.device_type)


def version_for(versions: Sequence[Baseline], start: date) -> Baseline | None:
    """The newest version whose period ended before a measure began, so that its baseline excludes the measure."""
    return next((each for each in versions if each.last < start), None)


def against(observations: Observations, baseline: Baseline, first: date, last: date) -> BaselineComparison:
    """Energy from `first` to `last`, both included, compared with a baseline."""
    used = observations.used(boundary_of(baseline), first, last)
    table = observations.table(used, baseline.fit.variables, first, last)
    points = course_of(baseline.fit, table, baseline.adjustments)
    counted = {row.day for row in table.rows}
    days = {day: energy for day, energy in used.days.items() if day in counted}
    return BaselineComparison(
        table,
        points,
        performance_of(
            points,
            parts=_complete_sum(from_ledger(PARTS, days), counted),
            hours=_complete_sum(from_ledger(HOURS_IN_OPERATION, days), counted),
        ),
        saving_of(baseline.fit, table, points, is_valid=grade_of(baseline.checks) != "not valid"),
    )


def _complete_sum(series: Mapping[date, float], days: set[date]) -> float | None:
    """The sum over all days; None if one of them is not known."""
    return sum(series.values()) if days and set(series) == days else None
