"""When a schedule is due, in plant time, which machines it is for, and which schedule fits a line's shifts. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from control_api.bulk.rules import Selection
from energytrack.calendar import WEEKDAYS, Weekday
from energytrack.plant import Plant
from energytrack.store.operations.schedules import Schedule

LOOK_BACK: Final = timedelta(days=8)
AFTER_SHIFT: Final = timedelta(minutes=15)
"""People who finish late are not interrupted."""


class Proposal(Struct, frozen=True):
    """A recurring shutdown that fits a line's shifts."""

    days: tuple[Weekday, ...]
    at: str


def selection_of(schedule: Schedule) -> Selection:
    """The machines that a schedule is for; the selection's fields are stored as fields of the schedule."""
    return msgspec.convert(schedule, Selection, from_attributes=True)


def last_due(days: Sequence[Weekday], at: str, *, now: datetime, zone: ZoneInfo) -> date | None:
    """The local date on which a schedule was last due, no later than `now`; None if it was not due for a week.

    A time in the hour that daylight saving skips is due at the end of that hour; in the hour that comes twice the first
    time counts (PEP 495, fold 0). So each date has exactly one due time.
    """
    local = now.astimezone(zone)
    clock = time.fromisoformat(at)
    for back in range(LOOK_BACK.days):
        day = local.date() - timedelta(days=back)
        if WEEKDAYS[day.weekday()] in days and datetime.combine(day, clock, zone).timestamp() <= now.timestamp():
            return day
    return None


def _ordinary_week(plant: Plant) -> datetime:
    """A Monday whose week has no change of the clock, no holiday and no shutdown."""
    monday = datetime(2024, 1, 8, tzinfo=plant.zone)
    for week in range(10):
        days = [monday + timedelta(weeks=week, days=day) for day in range(-1, 9)]
        if all(plant.calendar.is_ordinary(day.date()) for day in days):
            return days[1]
    return monday


def proposal(line: str, plant: Plant) -> Proposal | None:
    """A shutdown after a line's last shift of the day; None if it works around the clock or is not known.

    A day counts only if the line is out of shift a quarter of an hour after the end of the shift.
    """
    if line not in plant.lines:
        return None
    monday = _ordinary_week(plant)
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
