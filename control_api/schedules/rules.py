"""When a recurring order is due, in plant time, and which one a line's shifts suggest. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from energytrack.calendar import WEEKDAYS, Weekday
from energytrack.plant import Plant

LOOK_BACK: Final = timedelta(days=8)
AFTER_SHIFT: Final = timedelta(minutes=15)
"""People who leave late are not overtaken."""


class Proposal(Struct, frozen=True):
    """A recurring shutdown that a line's shifts suggest."""

    days: tuple[Weekday, ...]
    at: str


def last_due(days: Sequence[Weekday], at: str, *, now: datetime, zone: ZoneInfo) -> date | None:
    """The local date on which a recurring order was due last, at `now` at the latest; None where it never was.

    One that is due in the hour which the clock skips is due at the hour's end; in the hour that comes twice, the first
    time counts (PEP 495, fold 0), so that each date has one due time whatever the clock does.
    """
    local = now.astimezone(zone)
    clock = time.fromisoformat(at)
    for back in range(LOOK_BACK.days):
        day = local.date() - timedelta(days=back)
        if WEEKDAYS[day.weekday()] in days and datetime.combine(day, clock, zone).timestamp() <= now.timestamp():
            return day
    return None


def proposal(line: str, plant: Plant) -> Proposal | None:
    """A shutdown after a line's last shift of the day; None where it works around the clock or the line is not known.

    Only days count on which nobody works a quarter of an hour after the end of a shift that ends then.
    """
    if line not in plant.lines:
        return None
    monday = datetime(2024, 1, 1, tzinfo=plant.zone)  # any week without a change of the clock
    ends: dict[str, list[Weekday]] = {}
    for name in plant.lines[line].shifts:
        window = plant.shifts[name].window
        for number, weekday in enumerate(WEEKDAYS):
            if weekday not in window.days:
                continue
            day = monday + timedelta(days=number + (1 if window.end <= window.start else 0))
            moment = datetime.combine(day.date(), window.end, plant.zone) + AFTER_SHIFT
            if not plant.in_shift(line, moment):
                ends.setdefault(f"{moment:%H:%M}", []).append(WEEKDAYS[moment.weekday()])
    if not ends:
        return None
    at, days = max(ends.items(), key=lambda each: len(each[1]))
    return Proposal(tuple(day for day in WEEKDAYS if day in days), at)
