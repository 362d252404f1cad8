"""When a schedule is due, in plant time, its machines, and which schedule fits a line's shifts. Pure."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from control_api.bulk.rules import Selection
from energytrack.contract.calendar import WEEKDAYS, DayKind, Weekday, weekday_of
from energytrack.plant import Plant
from energytrack.store.operations.schedules import Schedule

KindOf = Callable[[date], DayKind]
LOOK_BACK: Final = timedelta(days=8)
LOOK_AHEAD: Final = timedelta(days=366)
LATE: Final = timedelta(minutes=15)
"""A run that is later than this, because no service was running, is skipped."""
HOLIDAY: Final[DayKind] = "holiday"
AFTER_SHIFT: Final = timedelta(minutes=15)
"""Do not interrupt people who finish late."""


class Proposal(Struct, frozen=True):
    """A recurring shutdown that fits a line's shifts."""

    days: tuple[Weekday, ...]
    at: str


def selection_of(schedule: Schedule) -> Selection:
    """The machines of a schedule; the selection's fields are stored as fields of the schedule."""
    return msgspec.convert(schedule, Selection, from_attributes=True)


def due_on(day: date, at: str, zone: ZoneInfo) -> datetime:
    """When a schedule is due on a day of the plant, in UTC.

    A time in the hour that daylight saving skips is due at the end of that hour; in the hour that occurs twice, the
    first one counts (PEP 495, fold 0). So each date has exactly one due time.
    """
    return datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)


def last_due(
    days: Sequence[DayKind], at: str, *, now: datetime, zone: ZoneInfo, kind_of: KindOf = weekday_of
) -> date | None:
    """The local date on which a schedule was last due, no later than `now`; None if it was not due for a week."""
    today = now.astimezone(zone).date()
    for back in range(LOOK_BACK.days):
        day = today - timedelta(days=back)
        if kind_of(day) in days and due_on(day, at, zone) <= now:
            return day
    return None


def next_due(
    days: Sequence[DayKind], at: str, *, now: datetime, zone: ZoneInfo, kind_of: KindOf = weekday_of
) -> datetime | None:
    """When a schedule is due next, after `now`, in UTC; None if it is not within a year."""
    today = now.astimezone(zone).date()
    for ahead in range(LOOK_AHEAD.days):
        day = today + timedelta(days=ahead)
        if kind_of(day) in days and due_on(day, at, zone) > now:
            return due_on(day, at, zone)
    return None


def is_due(schedule: Schedule, *, now: datetime, zone: ZoneInfo, kind_of: KindOf = weekday_of) -> bool:
    """Whether a schedule is to run now.

    It is active, was due within the last quarter of an hour, and was not created or resumed after that.
    """
    day = last_due(schedule.days, schedule.at, now=now, zone=zone, kind_of=kind_of)
    if day is None or schedule.state != "active":
        return False
    due = due_on(day, schedule.at, zone)
    return schedule.log[-1].at < due and now - due <= LATE


def _ordinary_week(plant: Plant) -> datetime:
    """A Monday whose week has no clock change, no holiday and no shutdown."""
    monday = datetime(2024, 1, 8, tzinfo=plant.zone)
    for week in range(10):
        days = [monday + timedelta(weeks=week, days=day) for day in range(-1, 9)]
        if all(plant.calendar.is_ordinary(day.date()) for day in days):
            return days[1]
    return monday


def working_days(line: str, plant: Plant) -> tuple[DayKind, ...]:
    """The days on which a shift of a line begins."""
    begins = {day for name in plant.lines[line].shifts for day in plant.shifts[name].window.days}
    return tuple(day for day in (*WEEKDAYS, HOLIDAY) if day in begins)


def is_before_end_of_work(at: str, line: str, plant: Plant) -> bool:
    """Whether a shift of a line begins or goes on after this time of day, on the day on which it began."""
    clock = time.fromisoformat(at)
    windows = [plant.shifts[name].window for name in plant.lines[line].shifts]
    return any(window.end <= window.start or clock < window.end for window in windows)


def proposal(line: str, plant: Plant) -> Proposal | None:
    """A shutdown after a line's last shift of the day; None if the line works around the clock or is unknown.

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
