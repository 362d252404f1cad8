"""Follows the current quarter hour: the ledger's energy, and live power since. Pure; time is an argument."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from energytrack.ledger.day import COUNTED, Column, Day
from energytrack.machines.power import JOULES_PER_KWH
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.peak.forecast import MINUTES, PastErrors, RunningQuarter, ends_at_kw

LAST_SECONDS: Final = 60.0
"""Power is the mean over this time."""
BRIDGED_SECONDS: Final = 30.0
"""After a longer time without an update, power in between is unknown."""


class QuarterWatch:
    """Follows one quarter hour at a time."""

    def __init__(self) -> None:
        self.errors = PastErrors()
        self.start: float | None = None
        """Seconds since the epoch; None before the first look."""
        self.forecasts: list[float | None] = [None] * MINUTES
        self._joules = 0.0
        self._is_anchored = False
        """Whether the ledger was read in this quarter hour, or it was watched from its beginning."""
        self._recent: deque[tuple[float, float]] = deque()

    def look(self, now: float, watts: float) -> bool:
        """Take in the plant's power now; returns whether a new quarter hour has begun since the last look."""
        start = now // QUARTER_SECONDS * QUARTER_SECONDS
        before = self._recent[-1] if self._recent else None
        turned = start != self.start
        if turned:
            self._begin(start, watched=before is not None and start - before[0] <= BRIDGED_SECONDS)
        if before is not None and now - before[0] <= BRIDGED_SECONDS:
            self._joules += (watts + before[1]) / 2.0 * (now - max(before[0], start))
        self._recent.append((now, watts))
        while now - self._recent[0][0] > LAST_SECONDS:
            self._recent.popleft()
        running = self.running(now)
        if running is not None and self.forecasts[running.minute] is None:
            self.forecasts[running.minute] = ends_at_kw(running)
        return turned

    def _begin(self, start: float, *, watched: bool) -> None:
        self.start = start
        self.forecasts = [None] * MINUTES
        self._joules = 0.0
        self._is_anchored = watched

    def anchor(self, now: float, days: Iterable[Day], watts: Mapping[str, float]) -> None:
        """Take the energy so far from the ledger, and add what each machine used since its last reading there."""
        if self.start is None:
            return
        joules = 0.0
        seen: set[str] = set()
        for day in days:
            if day.start <= self.start < day.end:
                seen.add(day.device_id)
                index = round((self.start - day.start) / QUARTER_SECONDS)
                joules += counted_kwh(day, index) * JOULES_PER_KWH
                joules += watts.get(day.device_id, 0.0) * max(0.0, now - max(day.through, self.start))
        joules += sum(power * (now - self.start) for device_id, power in watts.items() if device_id not in seen)
        self._joules = joules
        self._is_anchored = True

    def running(self, now: float) -> RunningQuarter | None:
        """The current quarter hour so far; None while its beginning is unknown."""
        if self.start is None or not self._is_anchored or not self._recent:
            return None
        power = sum(watts for _, watts in self._recent) / len(self._recent)
        return RunningQuarter(now - self.start, self._joules / JOULES_PER_KWH, power)


def counted_kwh(day: Day, index: int) -> float:
    """The energy that counts in a machine's quarter hour."""
    columns: list[Column] = [getattr(day, name) for name in COUNTED]
    return sum(column[index] for column in columns if column)
