"""Finds the cheapest time to stop a machine at risk: by the cost of each, and the probability of failing earlier.

A stop fixes the problem, if it comes before the failure. Until then the machine may fail, with the cost of a failure;
costs after the end of its known life are not counted, for any of the times. A spare part is ordered now: a machine that
stops before it arrives waits for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from energytrack.contract.costs import StopTerms
from energytrack.fields import StopTime
from energytrack.messages import StopOption
from energytrack.stopping.worktimes import WorkTimes

SOON: Final = timedelta(minutes=1)
"""A time this near counts as now."""


@dataclass(frozen=True)
class Lifetime:
    """The probability that a machine has failed by a number of hours: points of a rising line, from (0, 0)."""

    hours: tuple[float, ...]
    chances: tuple[float, ...]

    def __post_init__(self) -> None:
        """Raise ValueError unless hours and chances form a distribution."""
        for name, line in (("hours", self.hours), ("chances", self.chances)):
            if list(line) != sorted(line):
                raise ValueError(f"{name}: expected rising numbers, got {line}")
        if len(self.hours) != len(self.chances) or len(self.hours) < 2 or self.hours[0] != 0 or self.chances[0] != 0:
            raise ValueError("expected as many hours as chances, at least two, the first of them 0")
        if self.chances[-1] > 1:
            raise ValueError(f"chances: expected 1 at most, got {self.chances[-1]}")

    @property
    def reach_hours(self) -> float:
        """The end of the known life, in hours."""
        return self.hours[-1]

    def parts(self, until: float) -> Iterator[tuple[float, float]]:
        """The middle of each part of the time until then, and the probability of a failure in it."""
        for (before, after), (low, high) in zip(pairwise(self.hours), pairwise(self.chances), strict=True):
            if before >= until:
                return
            share = 1.0 if after <= until else (until - before) / (after - before)
            yield (before + min(after, until)) / 2, share * (high - low)

    def chance(self, until: float) -> float:
        """The probability of a failure until then."""
        return sum(chance for _, chance in self.parts(until))


def options(terms: StopTerms, life: Lifetime, ahead: WorkTimes, now: datetime) -> tuple[StopOption, ...]:
    """The expected cost of each time to stop, cheapest first; running on is always among them.

    Times beyond the known life are left out. Of equal sums the earlier time is named first, and running on last.
    """
    compared = [StopOption("run_on", round(_failing(terms, life, ahead, now, life.reach_hours), 2))]
    for when, at in _times(terms, ahead, now):
        hours = (at - now).total_seconds() / 3600
        if hours <= life.reach_hours:
            survives = 1.0 - life.chance(hours)
            costs = _failing(terms, life, ahead, now, hours) + survives * _stopping(terms, ahead, now, at)
            compared.append(StopOption(when, round(costs, 2), at))
    return tuple(sorted(compared, key=lambda one: (one.expected_cost, one.at is None, one.at or now)))


def saving(ranked: tuple[StopOption, ...]) -> float | None:
    """How much less the cheapest time costs than running on; None without options."""
    return next((one.expected_cost - ranked[0].expected_cost for one in ranked if one.when == "run_on"), None)


def _times(terms: StopTerms, ahead: WorkTimes, now: datetime) -> Iterator[tuple[StopTime, datetime]]:
    """The times to compare; of several equal ones, the first."""
    found: list[tuple[StopTime, datetime | None]] = [
        ("now", now),
        ("break", ahead.begins("break", now)),
        ("maintenance", ahead.begins("maintenance", now)),
        ("after_work", ahead.begins("off", now)),
        ("shift_end", ahead.shift_end(now)),
        ("part", None if terms.part_hours is None else now + timedelta(hours=terms.part_hours)),
    ]
    seen: list[datetime] = []
    for when, at in found:
        if at is not None and not any(abs(at - other) < SOON for other in seen):
            seen.append(at)
            yield when, at


def _stopping(terms: StopTerms, ahead: WorkTimes, now: datetime, at: datetime) -> float:
    """The cost of a planned repair that begins at a time."""
    standing = terms.planned_hours + _waiting(terms, (at - now).total_seconds() / 3600)
    return terms.planned + terms.per_hour * ahead.hours_at_work(at, standing)


def _failing(terms: StopTerms, life: Lifetime, ahead: WorkTimes, now: datetime, until: float) -> float:
    """The expected cost of failures before a time, in hours from now."""
    return sum(
        chance * (terms.failure + terms.per_hour * _waited(terms, ahead, now, middle))
        for middle, chance in life.parts(until)
    )


def _waited(terms: StopTerms, ahead: WorkTimes, now: datetime, hours: float) -> float:
    waiting = _waiting(terms, hours)
    return ahead.hours_at_work(now + timedelta(hours=hours), waiting) if waiting else 0.0


def _waiting(terms: StopTerms, hours: float) -> float:
    """Hours that a machine waits for its part, if it stops in `hours` and the part is ordered now."""
    return 0.0 if terms.part_hours is None else max(terms.part_hours - hours, 0.0)
