"""Work times of a line in the time ahead, and how much of a stop falls into them."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Literal

from energytrack.contract.calendar import DayWindow
from energytrack.plant import Plant

Doing = Literal["work", "break", "off", "maintenance"]
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class WorkPeriod:
    """A period in which a line does one thing."""

    since: datetime
    until: datetime
    doing: Doing


@dataclass(frozen=True)
class WorkTimes:
    """The periods of a line's time ahead, without gaps, each different from the last; and when its shifts end."""

    pieces: tuple[WorkPeriod, ...]
    shift_ends: tuple[datetime, ...] = ()

    def begins(self, doing: Doing, after: datetime) -> datetime | None:
        """Start of the next period of a kind; None if there is none in the time ahead."""
        return next((piece.since for piece in self.pieces if piece.doing == doing and piece.since > after), None)

    def shift_end(self, after: datetime) -> datetime | None:
        """End of the next shift, whether another one follows or not."""
        place = bisect_right(self.shift_ends, after)
        return self.shift_ends[place] if place < len(self.shift_ends) else None

    def hours_at_work(self, since: datetime, hours: float) -> float:
        """The part of `hours` from `since` on that falls into work; hours beyond the time ahead all count."""
        until = since + hours * HOUR
        inside = sum(
            (max(min(until, piece.until) - max(since, piece.since), timedelta()) for piece in self.pieces
             if piece.doing == "work"),
            timedelta(),
        )  # fmt: skip
        end = self.pieces[-1].until if self.pieces else since
        return (inside + max(until - max(end, since), timedelta())) / HOUR


def always_at_work(since: datetime, hours: float) -> WorkTimes:
    """Work times of a machine without shifts: it should always run."""
    return WorkTimes((WorkPeriod(since, since + hours * HOUR, "work"),))


def work_times(
    plant: Plant, line: str | None, since: datetime, hours: float, *, maintenance: tuple[DayWindow, ...] = ()
) -> WorkTimes:
    """The time ahead of a line, from an aware time on; `maintenance` are the windows of its planned maintenance.

    A line that the plant file does not have, or that works no shift, is at work all the time.
    """
    if line is None or line not in plant.lines or not plant.lines[line].shifts:
        return always_at_work(since, hours)
    calendar = _Calendar(plant, line, maintenance)
    until = since + hours * HOUR
    turns = sorted({since, until, *(at for at in calendar.turns(since, until) if since < at < until)})
    pieces: list[WorkPeriod] = []
    for begins, ends in pairwise(turns):
        doing = calendar.doing(begins)
        same = bool(pieces) and pieces[-1].doing == doing
        pieces.append(WorkPeriod(pieces.pop().since if same else begins, ends, doing))
    return WorkTimes(tuple(pieces), calendar.shift_ends(since, until))


class _Calendar:
    """The calendar of one line."""

    def __init__(self, plant: Plant, line: str, maintenance: tuple[DayWindow, ...]) -> None:
        self._plant = plant
        self._line = line
        self._shifts = [plant.shifts[name] for name in plant.lines[line].shifts]
        self._maintenance = maintenance

    def doing(self, at: datetime) -> Doing:
        """What the line does at a time."""
        local, calendar = at.astimezone(self._plant.zone), self._plant.calendar
        if any(window.contains(local, calendar.kind) for window in self._maintenance):
            return "maintenance"
        if any(calendar.at_work(shift, self._line, local) for shift in self._shifts):
            return "work"
        return "break" if any(calendar.in_window(shift, self._line, local) for shift in self._shifts) else "off"

    def turns(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """All times at which the line's activity may change."""
        clocks = {clock for window in self._maintenance for clock in (window.start, window.end)}
        for shift in self._shifts:
            clocks |= {shift.window.start, shift.window.end, *(clock for ends in shift.breaks for clock in ends)}
        for clock in clocks:
            yield from self._at_clock(clock, since, until)

    def shift_ends(self, since: datetime, until: datetime) -> tuple[datetime, ...]:
        """The ends of its shifts, in order."""
        ends = {
            at
            for shift in self._shifts
            for at in self._at_clock(shift.window.end, since, until)
            if since < at <= until
            and self._plant.calendar.in_window(shift, self._line, (at - MINUTE).astimezone(self._plant.zone))
        }
        return tuple(sorted(ends))

    def _at_clock(self, clock: time, since: datetime, until: datetime) -> Iterator[datetime]:
        """A time of day on each day, in UTC."""
        day = since.astimezone(self._plant.zone).date() - timedelta(days=1)
        last = until.astimezone(self._plant.zone).date()
        while day <= last:
            yield datetime.combine(day, clock, self._plant.zone).astimezone(UTC)
            day += timedelta(days=1)
