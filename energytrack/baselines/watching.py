"""Whether energy has risen above its baseline for days, and whether a measure is still kept. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from energytrack.baselines.course import Point
from energytrack.baselines.observations import ObservationTable
from energytrack.baselines.regression import Fit
from energytrack.baselines.savings import half_width

WATCHED_DAYS: Final = 7
LEAST_DAYS: Final = 4
CONFIDENCE: Final = 0.99
"""One false alarm in about two hundred independent weeks: people look into each alarm."""
LEAST_EXCESS: Final = 0.05
"""Less is not worth a person's time."""
BROKEN_SHARE: Final = 0.5
"""On a day with less than this share of the expected saving, the measure was not kept."""
BROKEN_DAYS: Final = 2


class Excess(Struct, frozen=True):
    """How far the last days are above their baseline."""

    days: int
    kwh: float
    """Actual minus expected."""
    expected_kwh: float
    half_width_kwh: float
    ratio: float
    """`kwh` over the expected energy."""
    is_rising: bool
    """Whether the excess is more than chance, and large enough to look at."""


def excess_of(fit: Fit, table: ObservationTable, points: Sequence[Point]) -> Excess | None:
    """The last week compared with its model; None if too few of its days are known."""
    if len(points) < LEAST_DAYS:
        return None
    since = points[-1].day.toordinal() - WATCHED_DAYS
    last = [point for point in points if point.day.toordinal() > since]
    if len(last) < LEAST_DAYS:
        return None
    rows = ObservationTable(table.variables, table.rows[-len(last) :])
    kwh, expected = sum(point.excess_kwh for point in last), sum(point.expected_kwh for point in last)
    half = half_width(fit, rows, confidence=CONFIDENCE)
    ratio = kwh / expected if expected > 0.0 else 0.0
    return Excess(len(last), kwh, expected, half, ratio, is_rising=kwh > half and ratio >= LEAST_EXCESS)


class MeasureAdherence(Struct, frozen=True):
    """The days on which a measure was kept."""

    kept_days: int
    broken: tuple[date, ...]
    """Days with less than half of the expected saving: somebody left the machine on."""
    run: int = 0
    """How many consecutive days up to the last one were broken."""

    @property
    def is_broken(self) -> bool:
        """Whether all of the last days were broken: a single one may be a late shift."""
        return self.run >= BROKEN_DAYS


def kept_of(points: Sequence[Point], *, expected_kwh_per_day: float) -> MeasureAdherence:
    """Adherence by day; a day with hardly anything to save, say with little time out of shift, counts as kept."""
    if not points or expected_kwh_per_day <= 0.0:
        return MeasureAdherence(len(points), ())
    mean = sum(point.expected_kwh for point in points) / len(points)
    share = min(1.0, expected_kwh_per_day / mean) if mean > 0.0 else 0.0
    broken = [p.day for p in points if -p.excess_kwh < BROKEN_SHARE * share * max(p.expected_kwh, 0.0)]
    run = 0
    for point in reversed(points):
        if point.day not in broken:
            break
        run += 1
    return MeasureAdherence(len(points) - len(broken), tuple(broken), run)
