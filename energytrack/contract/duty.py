"""Who is on duty, who is paged next, and when pages of which severities wait: [duty] of the plant file."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from energytrack.contract.calendar import DayKind, DayWindow, weekday_of
from energytrack.fields import Name

PageSeverity = Literal["critical", "warning", "info"]
Minutes = Annotated[float, Meta(gt=0, le=1440)]
LONGEST_WATCH: Final = timedelta(days=1)
"""The longest window of the week."""


class WeeklyWatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A weekly time on duty."""

    who: Name
    windows: tuple[DayWindow, ...]
    lines: tuple[Name, ...] = ()
    """For these lines; empty means for the plant."""


class QuietHours(Struct, frozen=True, forbid_unknown_fields=True):
    """Hours in which pages of some severities wait until the hours are over."""

    severities: tuple[PageSeverity, ...]
    windows: tuple[DayWindow, ...]


class DutyRules(Struct, frozen=True, forbid_unknown_fields=True):
    """[duty] of the plant file."""

    watches: tuple[WeeklyWatch, ...] = ()
    ical: str | None = None
    """A file next to the plant file: each of its events is a watch of the person in its title; its place may name
    lines.
    """
    escalate_minutes: Minutes = 10.0
    """How long a page may stay without an acknowledgement before the next person is paged."""
    escalate_to: tuple[Name, ...] = ()
    """Who is paged next, in this order."""
    repeat_minutes: Minutes = 60.0
    """How often everybody is paged again once the last one has been."""
    severities: tuple[PageSeverity, ...] = ("critical", "warning")
    """The severities that page at all."""
    quiet_hours: tuple[QuietHours, ...] = ()
    report_to: tuple[Name, ...] = ()
    """Who gets the report on alarms every Monday at seven."""


class Watch(Struct, frozen=True):
    """A person on duty until a time, for some lines or the whole plant."""

    who: str
    lines: tuple[str, ...]
    start: datetime
    until: datetime

    def covers(self, line: str | None) -> bool:
        """Whether they are responsible for an alarm of a line, or of the plant (None)."""
        return not self.lines or line in self.lines


Rota = Callable[[datetime], Sequence[Watch]]
"""Who is on duty at an aware time, from a file that may change at any time."""


class Duty:
    """The rules of a plant with its time zone, its holidays and its rota."""

    def __init__(
        self,
        rules: DutyRules,
        zone: ZoneInfo,
        *,
        kind_of: Callable[[date], DayKind] = weekday_of,
        rota: Rota | None = None,
    ) -> None:
        self.rules = rules
        self.zone = zone
        self._kind_of = kind_of
        self._rota = rota

    def watches(self, at: datetime) -> list[Watch]:
        """The people on duty at an aware time, each once."""
        local = at.astimezone(self.zone)
        watches = [
            Watch(weekly.who, weekly.lines, *_bounds(window, local))
            for weekly in self.rules.watches
            for window in weekly.windows
            if window.contains(local, self._kind_of)
        ]
        if self._rota is not None:
            watches += self._rota(at)
        latest = sorted(watches, key=lambda watch: watch.until)
        return sorted({(watch.who, watch.lines): watch for watch in latest}.values(), key=lambda watch: watch.who)

    def on_duty(self, at: datetime, line: str | None) -> list[str]:
        """Who is paged first about a line: people on duty for just this line, otherwise those for the plant."""
        covering = [watch for watch in self.watches(at) if watch.covers(line)]
        own = [watch.who for watch in covering if watch.lines]
        return list(dict.fromkeys(own or [watch.who for watch in covering]))

    def pages(self, severity: PageSeverity, at: datetime) -> bool:
        """Whether an alarm of this severity pages at an aware time."""
        local = at.astimezone(self.zone)
        return severity in self.rules.severities and not any(
            severity in quiet.severities and window.contains(local, self._kind_of)
            for quiet in self.rules.quiet_hours
            for window in quiet.windows
        )

    def people(self) -> frozenset[str]:
        """All people named in the rules; people in a calendar file are known only while they are on duty."""
        rules = self.rules
        return frozenset([*(watch.who for watch in rules.watches), *rules.escalate_to, *rules.report_to])


def _bounds(window: DayWindow, local: datetime) -> tuple[datetime, datetime]:
    began = window.began(local) or local.date()
    ends = began if window.start < window.end else began + LONGEST_WATCH
    return (
        datetime.combine(began, window.start, local.tzinfo),
        datetime.combine(ends, window.end, local.tzinfo),
    )
