"""When a weekly time is due, by the plant's clock: a typed wrapper of APScheduler's cron trigger."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger


class WeeklySchedule:
    """A time of day on some days of the week, also in the hours of clock changes."""

    def __init__(self, days: Sequence[str], at: str, zone: ZoneInfo) -> None:
        """`days` are among mon to sun, `at` is HH:MM."""
        hour, minute = at.split(":")
        self._zone = zone
        self._trigger = CronTrigger(day_of_week=",".join(days), hour=int(hour), minute=int(minute), timezone=zone)

    def next_after(self, moment: datetime) -> datetime:
        """The first due time at or after `moment`."""
        due: datetime = self._trigger.get_next_fire_time(None, moment.astimezone(self._zone))
        return due
