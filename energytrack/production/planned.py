"""Planned time of a line's machines: the shifts of its calendar without their breaks. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from energytrack.ledger.local_days import ONE_DAY
from energytrack.plant import Plant
from energytrack.production.spans import Span, union


class PlannedTime:
    """Looks the calendar up once for all machines of a line."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self.of_day = lru_cache(maxsize=1024)(self._of_day)

    def between(self, line: str | None, first: date, last: date) -> tuple[Span, ...] | None:
        """The planned time of some days, both included; None if the line, and so its calendar, is not known."""
        if line is None or line not in self._plant.lines:
            return None
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return union(span for day in days for span in self.of_day(line, day))

    def _of_day(self, line: str, day: date) -> tuple[Span, ...]:
        times = sorted({_instant(self._plant, day, clock) for clock in self._clock_times(line)})
        times.append(_instant(self._plant, day + ONE_DAY, time()))
        return union(
            (start.timestamp(), end.timestamp()) for start, end in pairwise(times) if self._plant.in_shift(line, start)
        )

    def _clock_times(self, line: str) -> Iterator[time]:
        """The times of day at which a shift or a break begins or ends."""
        yield time()
        for name in self._plant.lines[line].shifts:
            shift = self._plant.shifts[name]
            yield from (shift.window.start, shift.window.end)
            for pause in shift.breaks:
                yield from pause


def _instant(plant: Plant, day: date, clock: time) -> datetime:
    """A local time as UTC, so that times on the day of a change of clocks compare correctly."""
    return datetime.combine(day, clock, plant.zone).astimezone(UTC)
