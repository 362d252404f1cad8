"""Compares a meter with everything directly below it: the unmetered rest, and the base load at night. Pure.

Only quarter hours in which both sides are completely known are compared. If one side is unknown, so is the rest.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from energytrack.ledger.day import Day
from energytrack.ledger.presence import Presence
from energytrack.metering.quarters import QUARTER_SECONDS

Amounts = tuple[float | None, ...]
"""By quarter hour; None if it is not known."""
NIGHT_HOURS: Final = range(6)
"""From midnight to six, by the plant's clock."""
NIGHT_KNOWN: Final = 0.75
"""The base load is not known if less of the night is."""
IN_AN_HOUR: Final = 4
TOLERANCE: Final = 0.02
"""How far the meters below may exceed the one above: two meters of class 1 differ by this share."""


class MeterDay(Struct, frozen=True):
    """One meter on one local day, in its own unit."""

    meter_id: str
    date: date
    start: float
    """Local midnight, seconds since the epoch."""
    used: Amounts
    below: Amounts | None
    """Amounts of the meters and machines directly below it; None if there are none."""

    @property
    def rest(self) -> Amounts:
        """The rest, which no meter below it covers."""
        if self.below is None:
            return (None,) * len(self.used)
        return tuple(
            None if used is None or below is None else used - below
            for used, below in zip(self.used, self.below, strict=True)
        )


class Balance(Struct, frozen=True):
    """A meter over a period, compared with everything directly below it."""

    used: float | None
    """As far as it is known; None if nothing is."""
    known_quarters: int
    compared_quarters: int
    """Quarter hours in which both sides are known."""
    compared_used: float | None
    """Its amount in these; None if there are none."""
    below: float | None
    """The amounts below it in these."""

    @property
    def rest(self) -> float | None:
        """The rest, which no meter below it covers, in the quarter hours that could be compared."""
        return None if self.compared_used is None or self.below is None else self.compared_used - self.below

    @property
    def is_exceeded(self) -> bool:
        """Whether the meters below count clearly more than this one."""
        rest = self.rest
        return rest is not None and rest < -TOLERANCE * max(self.compared_used or 0.0, self.below or 0.0)


def balance(days: Iterable[MeterDay], first: int = 0, until: int | None = None) -> Balance:
    """The balance of some days, or of some quarter hours of one."""
    used: list[float] = []
    pairs: list[tuple[float, float]] = []
    for day in days:
        stretch = slice(first, until)
        own = day.used[stretch]
        used += [each for each in own if each is not None]
        if day.below is not None:
            both = zip(own, day.below[stretch], strict=True)
            pairs += [(one, other) for one, other in both if one is not None and other is not None]
    return Balance(
        used=sum(used) if used else None,
        known_quarters=len(used),
        compared_quarters=len(pairs),
        compared_used=sum(one for one, _ in pairs) if pairs else None,
        below=sum(other for _, other in pairs) if pairs else None,
    )


def amounts_of(day: Day) -> Amounts:
    """The amounts of a meter or machine; known only for quarter hours that are complete and not suspect."""
    return tuple(day.whole_kwh(index) for index in range(len(day)))


def added(parts: Sequence[Amounts], count: int) -> Amounts:
    """The sum of all, for each quarter hour; not known if one of them is not."""
    return tuple(
        None if any(each[index] is None for each in parts) else sum(each[index] or 0.0 for each in parts)
        for index in range(count)
    )


def where_there(amounts: Amounts | None, there: Presence, start: float, count: int) -> Amounts:
    """A machine's amounts: zero before it came and after it was retired; unknown without a report."""
    quarters = amounts or (None,) * count
    return tuple(
        0.0 if each is None and not there.seconds(at, at + QUARTER_SECONDS) else each
        for each, at in zip(quarters, (start + index * QUARTER_SECONDS for index in range(count)), strict=True)
    )


def base_load(day: MeterDay, amounts: Amounts, zone: ZoneInfo) -> float | None:
    """The lowest hour between midnight and six, in units per hour; None if too little of the night is known."""
    night = [
        each
        for index, each in enumerate(amounts)
        if datetime.fromtimestamp(day.start + index * QUARTER_SECONDS, zone).hour in NIGHT_HOURS
    ]
    known = [each for each in night if each is not None]
    if not night or len(known) < NIGHT_KNOWN * len(night):
        return None
    hours = (night[start : start + IN_AN_HOUR] for start in range(len(night) - IN_AN_HOUR + 1))
    whole = [sum(each or 0.0 for each in hour) for hour in hours if None not in hour]
    return min(whole, default=None)


def complaint(meter_id: str, found: Balance, unit: str) -> str | None:
    """The problem, if those below count more than the meter; None if they do not."""
    if not found.is_exceeded:
        return None
    return (
        f"Those below {meter_id} count more than {meter_id} itself ({found.below:,.1f} against "
        f"{found.compared_used:,.1f} {unit}): check its factor (the ratio of its current transformers), whether all "
        "that stands below it in plant.toml hangs on it, and the ratings of machines whose energy is estimated from "
        "current."
    )
