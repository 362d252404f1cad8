"""The typed wall around APScheduler's clock: says when something is due, and leaves doing it to others."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

LATE_SECONDS: Final = 3600


class Timetable:
    """Calls back at times of the plant's clock, and at intervals, on a thread of its own."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._scheduler = BackgroundScheduler(
            timezone=zone, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": LATE_SECONDS}
        )

    def weekly(self, days: Sequence[str], at: str, call: Callable[[], Any]) -> None:
        """On these days of the week, at this time."""
        self._scheduler.add_job(call, self._trigger(days, at))

    def every(self, interval: timedelta, call: Callable[[], Any]) -> None:
        """Again and again, for the first time when the interval has passed."""
        self._scheduler.add_job(call, "interval", seconds=interval.total_seconds())

    def missed(self, days: Sequence[str], at: str, *, since: datetime, now: datetime) -> bool:
        """Whether a time of the week has passed between two moments: nothing ran then."""
        due: datetime | None = self._trigger(days, at).get_next_fire_time(None, since.astimezone(self._zone))
        return due is not None and due <= now

    def start(self) -> None:
        """From now on."""
        self._scheduler.start()

    def stop(self) -> None:
        """No more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _trigger(self, days: Sequence[str], at: str) -> CronTrigger:
        hour, minute = at.split(":")
        return CronTrigger(day_of_week=",".join(days), hour=int(hour), minute=int(minute), timezone=self._zone)
