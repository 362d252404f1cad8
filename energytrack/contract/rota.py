"""A rota as an iCal file (RFC 5545), which people edit while the services run: each event is one person's duty."""

import threading
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
import structlog

from energytrack.contract.duty import Watch
from energytrack.contract.errors import UnusablePlantFile
from energytrack.contract.ical import calendar_of

log = structlog.get_logger(__name__)

SPREAD: Final = timedelta(hours=1)
"""Repeated events are expanded for this long at once."""


class RotaFile:
    """A calendar file, read again after each change; while it cannot be read, its last content is used."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        """Raises UnusablePlantFile."""
        self._path = path
        self._zone = zone
        self._lock = threading.Lock()
        self._changed_at = -1.0
        self._calendar = icalendar.Calendar()
        self._spread: tuple[datetime, list[Watch]] | None = None
        self._read()

    def __call__(self, at: datetime) -> Sequence[Watch]:
        """Who is on duty at an aware time."""
        with self._lock:
            try:
                self._read()
            except UnusablePlantFile as error:
                log.warning("the rota cannot be read; the last version stays in force", error=str(error))
            return [watch for watch in self._around(at) if watch.start <= at < watch.until]

    def _read(self) -> None:
        try:
            changed_at = self._path.stat().st_mtime
            if changed_at == self._changed_at:
                return
            self._changed_at = changed_at  # a file that cannot be read is not read again until it changes
        except OSError as error:
            raise UnusablePlantFile(f"{self._path.name} cannot be read: {error.strerror}") from error
        calendar = calendar_of(self._path)
        nameless = [event for event in calendar.walk("VEVENT") if not str(event.get("SUMMARY", "")).strip()]
        if nameless:
            raise UnusablePlantFile(f"{self._path.name}: an event has no title; expected the name of who is on duty")
        self._calendar, self._spread = calendar, None

    def _around(self, at: datetime) -> list[Watch]:
        start = at.astimezone(self._zone).replace(minute=0, second=0, microsecond=0)  # of all-day events
        if self._spread is None or self._spread[0] != start:
            self._spread = (start, self._watches(start))
        return self._spread[1]

    def _watches(self, start: datetime) -> list[Watch]:
        try:
            events = recurring_ical_events.of(self._calendar).between(start, start + SPREAD)
            return [self._watch(event) for event in events]
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Paging must go on: to those whom the plant file names.
            log.warning("an event of the rota cannot be understood; nobody is on duty by it", error=str(error))
            return []

    def _watch(self, event: icalendar.Component) -> Watch:
        lines = tuple(line.strip() for line in str(event.get("LOCATION", "")).split(",") if line.strip())
        start, end = event.decoded("DTSTART"), event.decoded("DTEND")
        return Watch(str(event["SUMMARY"]).strip(), lines, self._moment(start), self._moment(end))

    def _moment(self, value: date) -> datetime:
        """All-day events run from midnight to midnight of the plant, and a time without a zone is plant time."""
        if not isinstance(value, datetime):
            return datetime.combine(value, time(), self._zone)
        return value.replace(tzinfo=self._zone) if value.tzinfo is None else value
