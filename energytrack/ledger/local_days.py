"""Local days of the plant and their quarter hours: 96, or 92 and 100 when the clocks change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from energytrack.metering.quarters import QUARTER_SECONDS

ONE_DAY = timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> float:
    """Start of a local day, in seconds since the epoch; if the clocks skip midnight, the moment they do."""
    return datetime.combine(day, time(), zone).timestamp()


def quarter_count(day: date, zone: ZoneInfo) -> int:
    """The number of quarter hours of a local day."""
    return round((midnight(day + ONE_DAY, zone) - midnight(day, zone)) / QUARTER_SECONDS)


def date_at(at: float, zone: ZoneInfo) -> date:
    """The local day of an instant."""
    return datetime.fromtimestamp(at, zone).date()


def utc(at: float) -> datetime:
    """An instant as an aware time."""
    return datetime.fromtimestamp(at, UTC)


def dates(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for days in range((last - first).days + 1):
        yield first + timedelta(days=days)


def last_of_month(day: date) -> date:
    """The last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY
