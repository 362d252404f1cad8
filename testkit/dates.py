"""The one fixed day of all tests; every date in a test is derived from it.

`TESTS_DAYS_LATER=400` moves the day. Tests about weekdays, shifts or clock changes use `at_plant` or `CLOCKS_BACK`, so
the day may be any day. Tests that use the computer's clock take their times from that clock only.
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from energytrack.contract.calendar import WEEKDAYS, PublicHolidays, Weekday
from energytrack.contract.files import public_holidays

DAYS_LATER: Final = int(os.environ.get("TESTS_DAYS_LATER", "0"))
DAY: Final = date(2026, 11, 23) + timedelta(days=DAYS_LATER)
"""The fixed day; any weekday."""
MIDNIGHT: Final = datetime.combine(DAY, time(0), UTC)
NOW: Final = datetime.combine(DAY, time(10), UTC)
PLANT_ZONE: Final = ZoneInfo("Europe/Berlin")
"""The zone of the example plant."""


def _ordinary_monday() -> date:
    holidays = public_holidays(PublicHolidays("DE"))
    monday = DAY + timedelta(days=-DAY.weekday() % 7)
    while any(day in holidays or not _has_24_hours(day) for day in (monday + timedelta(days=n) for n in range(-1, 8))):
        monday += timedelta(days=7)
    return monday


def _has_24_hours(day: date) -> bool:
    begin, end = (datetime.combine(day + timedelta(days=n), time(), PLANT_ZONE) for n in (0, 1))
    return begin.utcoffset() == end.utcoffset()


MONDAY: Final = _ordinary_monday()
"""That day, or otherwise the first Monday after it around which, from the day before to the Monday that follows, the
example plant has no holiday and no clock change."""


def at_plant(day: Weekday | date, clock: str, *, weeks: int = 0) -> datetime:
    """A time of the example plant's wall clock, in UTC; weekdays are those from `MONDAY` on."""
    if not isinstance(day, date):
        day = MONDAY + timedelta(days=WEEKDAYS.index(day), weeks=weeks)
    return datetime.combine(day, time.fromisoformat(clock), PLANT_ZONE).astimezone(UTC)


def first_monday(month: int) -> date:
    """The first Monday of a month in that day's year."""
    first = date(DAY.year, month, 1)
    return first + timedelta(days=-first.weekday() % 7)


def last_sunday(month: int, *, year: int = DAY.year) -> date:
    """The last Sunday of a month, also of a short one."""
    last = (date(year, month, 1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() + 1) % 7)


CLOCKS_FORWARD: Final = last_sunday(3)
"""When clocks change at the example plant, from two o'clock to three."""
CLOCKS_BACK: Final = last_sunday(10)
"""When clocks change at the example plant, from three o'clock to two."""


def written(moment: datetime) -> str:
    """A time as in messages: `…T10:00:00.250Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def version(moment: datetime, rest: str) -> str:
    """The version of a model made at a time."""
    return f"{moment:%Y%m%dT%H%M%SZ}-{rest}"
