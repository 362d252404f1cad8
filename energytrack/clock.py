"""Time as an argument: services take a `Clock`, so that tests simulate a day in milliseconds."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time of day, a stopwatch, and waiting."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, from an arbitrary start."""

    def sleep(self, seconds: float) -> None:
        """Wait; return at once if `seconds` is not positive."""


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


class ManualClock:
    """A clock that only moves when it is set, or when a caller sleeps on it."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start

    def now(self) -> datetime:
        """The time of day as it was last set."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return (self._now - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Move the clock forward immediately."""
        self.advance(max(seconds, 0.0))

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`."""
        self._now += timedelta(seconds=seconds)


def whole_milliseconds(moment: datetime) -> datetime:
    """A time with the precision of the database, so that what is written and what is read are equal."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
