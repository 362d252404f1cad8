"""When a weekly time is due, by the plant's clock: the typed wall around APScheduler's cron trigger."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger


class WeeklySchedule:
    """A time of the day on some days of the week; the hour that clocks put forward or back in spring and autumn too."""

    def __init__(self, days: Sequence[str], at: str, zone: ZoneInfo) -> None:
        """`days` are of mon to sun, `at` is HH:MM."""
        hour, minute = at.split(":")
        self._zone = zone
        self._trigger = CronTrigger(day_of_week=",".join(days), hour=int(hour), minute=int(minute), timezone=zone)

    def next_after(self, moment: datetime) -> datetime:
        """The first time that comes at or after `moment`."""
        due: datetime = self._trigger.get_next_fire_time(None, moment.astimezone(self._zone))
        return due
