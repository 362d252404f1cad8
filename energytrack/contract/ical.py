"""Reads iCal files (RFC 5545) that people maintain, and refuses those that would keep a service busy.

A rule such as `FREQ=SECONDLY` has billions of occurrences, and one without any (31 February) is searched for up to the
year 9999: each of them would stop paging for as long as it takes.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, Final

import icalendar

from energytrack.contract.errors import UnusablePlantFile

MOST_BYTES: Final = 2_500_000
MOST_EVENTS: Final = 5_000
"""Two lines in three shifts, each a single event, for two years."""
MOST_DATES: Final = 2_000
"""Dates that events add or leave out (RDATE, EXDATE)."""
MOST_OCCURRENCES: Final = 1_000_000
"""Of all rules together, within 30 years; going through them takes some seconds."""
MOST_OF_A_ZONE: Final = 200
"""Parts of a time zone: each change of its rules is one."""
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2100
LONGEST: Final = timedelta(days=400)
HORIZON_DAYS: Final = 30 * 365
PERIOD_DAYS: Final = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
PARTS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"})
TIMES: Final = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
"""What repeats an event within a day, if it has several values."""
MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SURE_DAYS: Final = 28
"""Every month has as many days, and every weekday four times."""


def calendar_of(path: Path) -> icalendar.Calendar:
    """Raises UnusablePlantFile."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnusablePlantFile(f"{path.name} cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise UnusablePlantFile(f"{path.name} has {len(content)} bytes; at most {MOST_BYTES} are read")
    events = content.upper().count(b"BEGIN:VEVENT")
    if events > MOST_EVENTS:
        raise UnusablePlantFile(f"{path.name} has {events} events; at most {MOST_EVENTS} are read: remove old ones")
    try:
        calendar = icalendar.Calendar.from_ical(content)
        if not isinstance(calendar, icalendar.Calendar):
            raise UnusablePlantFile(f"{path.name} is not an iCal file (RFC 5545)")
        _check(calendar)
    except _NotForUs as error:
        raise UnusablePlantFile(f"{path.name}: {error}") from error
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise UnusablePlantFile(f"{path.name} is not an iCal file (RFC 5545): {error}") from error
    return calendar


class _NotForUs(Exception):
    """An event that is not read; the message says which, and why."""


def _check(calendar: icalendar.Calendar) -> None:
    _check_zones(calendar)
    dates, occurrences = 0, 0.0
    for event in calendar.walk("VEVENT"):
        title = str(event.get("SUMMARY", "an event"))[:64]
        try:
            more_dates, more_occurrences = _size(event)
        except _NotForUs as error:
            raise _NotForUs(f"{title}: {error}") from error
        dates, occurrences = dates + more_dates, occurrences + more_occurrences
    if dates > MOST_DATES:
        raise _NotForUs(f"its events have {dates} single dates (RDATE, EXDATE); at most {MOST_DATES} are read")
    if occurrences > MOST_OCCURRENCES:
        raise _NotForUs("its events recur too often: give them an end (UNTIL or COUNT)")


def _check_zones(calendar: icalendar.Calendar) -> None:
    """A zone's changes are repeated by rules, too, from as early as 1601."""
    parts = [part for zone in calendar.walk("VTIMEZONE") for part in zone.subcomponents]
    if len(parts) > MOST_OF_A_ZONE:
        raise _NotForUs(f"its time zones have {len(parts)} parts; at most {MOST_OF_A_ZONE} are read")
    for rule in (rule for part in parts for rule in _all(part, "RRULE")):
        frequency = str(*rule.get("FREQ", [""])).upper()
        if frequency != "YEARLY" or not set(rule) <= PARTS:
            raise _NotForUs(f"expected a time zone that changes by the year, got FREQ={frequency}")


def _size(event: icalendar.Component) -> tuple[int, float]:
    """How many single dates an event has, and how many occurrences its rules; raises _NotForUs."""
    if "DTSTART" not in event:
        raise _NotForUs("expected a start (DTSTART)")
    start = event.decoded("DTSTART")
    length = event.decoded("DURATION", timedelta())
    singles = [single.dt for name in ("RDATE", "EXDATE") for one in _all(event, name) for single in one.dts]
    moments = [start, event.decoded("DTEND", start), event.decoded("RECURRENCE-ID", start), *singles]
    parts = list(chain.from_iterable(moment if isinstance(moment, tuple) else (moment,) for moment in moments))
    for moment in parts:
        if isinstance(moment, timedelta):  # of an added period
            length = max(length, moment)
        elif not isinstance(moment, date) or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise _NotForUs(f"expected a date from {FIRST_YEAR} to {LAST_YEAR}, got {moment}")
    if not timedelta() <= length <= LONGEST or _days(event.decoded("DTEND", start)) - _days(start) > LONGEST.days:
        raise _NotForUs(f"expected at most {LONGEST.days} days, from the start to the end")
    return len(singles), sum(_occurrences(rule, start) for rule in _all(event, "RRULE"))


def _days(moment: date) -> int:
    return moment.toordinal()


def _all(event: Mapping[str, Any], name: str) -> list[Any]:
    """All properties of a name; the library gives a single one without a list."""
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _occurrences(rule: icalendar.vRecur, start: date) -> float:
    """An upper bound of the number of times within 30 years; raises _NotForUs."""
    frequency = str(*rule.get("FREQ", [""])).upper()
    if frequency not in PERIOD_DAYS:
        raise _NotForUs(f"expected a repetition by day, week, month or year, got FREQ={frequency}")
    for problem in _impossible(rule, frequency):
        raise _NotForUs(f"its repetition by FREQ={frequency} is not read: {problem}")
    until = rule.get("UNTIL")
    days = HORIZON_DAYS if until is None else max(0, min(HORIZON_DAYS, _days(until[0]) - _days(start)))
    interval = int(rule.get("INTERVAL", [1])[0])
    times = (days / (PERIOD_DAYS[frequency] * interval) + 1) * _each_period(rule, frequency)
    return min(times, int(rule.get("COUNT", [times])[0]))


def _each_period(rule: icalendar.vRecur, frequency: str) -> int:
    """At most so many times a day, week, month or year."""
    weekdays, month_days = _all(rule, "BYDAY"), _all(rule, "BYMONTHDAY")
    each = max(1, len(weekdays), len(month_days))
    if frequency == "YEARLY":
        each *= len(_all(rule, "BYMONTH")) or 12
    if frequency in {"MONTHLY", "YEARLY"} and any(not day.relative for day in weekdays):
        each *= 5  # as often as a weekday may come in a month
    return min(PERIOD_DAYS[frequency], each)


def _impossible(rule: icalendar.vRecur, frequency: str) -> Iterator[str]:
    """What may make a rule that never applies, which is searched for through thousands of years."""
    unread = sorted(set(rule) - PARTS - {part for part in TIMES if len(_all(rule, part)) == 1})
    if unread:
        yield f"{', '.join(unread)} cannot be used"
    interval = int(rule.get("INTERVAL", [1])[0])
    if not 1 <= interval <= 1000:
        yield "INTERVAL has to be from 1 to 1000"
    numbered = [int(day.relative) for day in _all(rule, "BYDAY") if day.relative]
    selecting = [name for name in ("BYMONTHDAY", "BYSETPOS") if name in rule] + ["BYDAY with numbers"] * bool(numbered)
    if len(selecting) > 1:
        yield f"{' and '.join(selecting)} cannot be used together"
    if any(abs(number) > 5 for number in numbered):
        yield "BYDAY has numbers up to 5"
    if interval > 1 and ("BYMONTH" in rule or (frequency == "DAILY" and "BYDAY" in rule)):
        yield "BYMONTH, and BYDAY with FREQ=DAILY, need INTERVAL=1"
    months = [int(month) for month in _all(rule, "BYMONTH")] or list(range(1, 13))
    if not all(1 <= month <= 12 for month in months):
        yield "BYMONTH is from 1 to 12"
        return
    longest = max(MONTH_DAYS[month - 1] for month in months) if interval == 1 else SURE_DAYS
    if any(not 1 <= abs(int(day)) <= longest for day in _all(rule, "BYMONTHDAY")):
        yield f"BYMONTHDAY is up to {longest} here"
    weekdays = len(_all(rule, "BYDAY"))
    if "BYSETPOS" in rule and (
        not (frequency == "MONTHLY" or (frequency == "YEARLY" and "BYMONTH" in rule))
        or any(not 1 <= abs(int(place)) <= 4 * weekdays for place in _all(rule, "BYSETPOS"))
    ):
        yield "BYSETPOS needs FREQ=MONTHLY, or BYMONTH, and enough BYDAY"
