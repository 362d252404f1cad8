"""The plant's days: when people work, which days are holidays, and what a window of the week contains."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from msgspec import Struct

from energytrack.fields import Name

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DayKind = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
"""A public holiday has a kind of its own, whatever weekday it falls on."""
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def weekday_of(day: date) -> DayKind:
    """The kind of a day when no holidays are known."""
    return WEEKDAYS[day.weekday()]


class DayWindow(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the day on days of some kinds, in plant time.

    If its end is not after its start, it runs past midnight and belongs to the day on which it began.
    """

    days: tuple[DayKind, ...]
    start: time
    end: time

    def contains(self, local: datetime, kind_of: Callable[[date], DayKind] = weekday_of) -> bool:
        """Whether a local time lies within; the start is included, the end is not."""
        began = self.began(local)
        return began is not None and kind_of(began) in self.days

    def began(self, local: datetime) -> date | None:
        """The day on which the window that may contain this local time began; None outside its hours."""
        clock = local.time()
        if not between(self.start, clock, self.end):
            return None
        began_today = self.start < self.end or clock >= self.start
        return local.date() if began_today else local.date() - timedelta(days=1)


class Shift(Struct, frozen=True, forbid_unknown_fields=True):
    """When people work."""

    name: Name
    window: DayWindow
    breaks: tuple[tuple[time, time], ...] = ()
    """From and until; one may run past midnight like its shift."""

    def at_work(self, local: datetime, kind_of: Callable[[date], DayKind] = weekday_of) -> bool:
        """Whether people are at work at a local time: within the shift's window and not in a break."""
        return self.window.contains(local, kind_of) and not self.in_break(local)

    def in_break(self, local: datetime) -> bool:
        """Whether a local time lies in one of its breaks."""
        clock = local.time()
        return any(between(start, clock, end) for start, end in self.breaks)


class PublicHolidays(Struct, frozen=True, forbid_unknown_fields=True):
    """The country and subdivision whose public holidays the plant keeps (codes of the library `holidays`)."""

    country: str
    """ISO 3166-1 alpha-2: DE, PL, US."""
    subdivision: str | None = None
    """ISO 3166-2 without the country: BY, TX."""


class Shutdown(Struct, frozen=True, forbid_unknown_fields=True):
    """Days on which nobody works: a company holiday, a plant overhaul."""

    name: Name
    first: date
    last: date
    """The last day, included."""


class ExtraShift(Struct, frozen=True, forbid_unknown_fields=True):
    """A shift on a day on which it is not usually worked."""

    date: date
    shift: Name
    lines: tuple[Name, ...] = ()
    """On these lines; empty means all lines that usually work the shift."""


class CalendarRules(Struct, frozen=True, forbid_unknown_fields=True):
    """[calendar] of the plant file."""

    holidays: PublicHolidays | None = None
    shutdowns: tuple[Shutdown, ...] = ()
    extra_shifts: tuple[ExtraShift, ...] = ()
    ical: str | None = None
    """A file next to the plant file; its all-day events are shutdowns."""


class PlantCalendar:
    """The kind of each day, whether the plant is shut down, and which extra shifts are worked."""

    def __init__(
        self, rules: CalendarRules, *, holidays: Mapping[date, str] | None = None, shutdowns: tuple[Shutdown, ...] = ()
    ) -> None:
        self._holidays = {} if holidays is None else holidays
        self.shutdowns = rules.shutdowns + shutdowns
        self._extra: dict[tuple[date, str], tuple[str, ...]] = {}
        for extra in rules.extra_shifts:
            self._extra[extra.date, extra.shift] = self._extra.get((extra.date, extra.shift), ()) + extra.lines

    def kind(self, day: date) -> DayKind:
        """`holiday`, or the weekday."""
        return "holiday" if day in self._holidays else weekday_of(day)

    def closed(self, day: date) -> str | None:
        """The name of the shutdown on a day, or None."""
        return next((each.name for each in self.shutdowns if each.first <= day <= each.last), None)

    def name(self, day: date) -> str | None:
        """The name of a special day, a shutdown or a holiday; None for an ordinary one."""
        return self.closed(day) or self._holidays.get(day)

    def is_ordinary(self, day: date) -> bool:
        """Whether a day is an ordinary one for its weekday."""
        return self.name(day) is None and not any(extra_day == day for extra_day, _ in self._extra)

    def at_work(self, shift: Shift, line: str, local: datetime) -> bool:
        """Whether a shift's people are at work on a line that works it, at a local time."""
        return self.in_window(shift, line, local) and not shift.in_break(local)

    def in_window(self, shift: Shift, line: str, local: datetime) -> bool:
        """Whether a shift is on at a local time, its breaks included; it belongs to the day on which it began."""
        began = shift.window.began(local)
        if began is None:
            return False
        extra = self._extra.get((began, shift.name))
        if extra is not None and (not extra or line in extra):
            return True
        return self.closed(began) is None and self.kind(began) in shift.window.days


def between(start: time, clock: time, end: time) -> bool:
    """Whether a time of day lies in a window; if its end is not after its start, it runs past midnight."""
    return start <= clock < end if start < end else clock >= start or clock < end
