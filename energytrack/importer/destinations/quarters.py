"""Energy and parts of intervals by quarter hour and local day: days have 92, 96 or 100 of them. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from msgspec.structs import replace

from energytrack.importer.content import Energy, Floats, Ints, ProducedParts
from energytrack.store.telemetry.imports import ImportedDay

QUARTER_MS: Final = 900_000
LONGEST: Final = 35_136
"""Quarter hours of a leap year: nothing is spread over more than that."""


class _DayOf(NamedTuple):
    date: date
    start: float
    """Local midnight, seconds since the epoch."""
    values: tuple[float | None, ...]
    bridged: tuple[int, ...]


def days_of(
    device_id: str, energy: Energy | None, zone: ZoneInfo, batch_id: str, *, parts: ProducedParts | None = None
) -> Iterator[ImportedDay]:
    """A machine's days, oldest first. Longer intervals are spread evenly over their quarter hours."""
    days: dict[date, ImportedDay] = {}
    if energy is not None:
        for day in _spread(energy.start_ms, energy.end_ms, energy.kwh, zone):
            days[day.date] = ImportedDay(batch_id, device_id, day.date, day.start, day.values, day.bridged)
    if parts is not None:
        for day in _spread(parts.start_ms, parts.end_ms, parts.count, zone):
            nothing = ImportedDay(batch_id, device_id, day.date, day.start, (None,) * len(day.values))
            days[day.date] = replace(days.get(day.date, nothing), parts=day.values)
        if parts.scrap is not None:
            scrap = np.where(np.isfinite(parts.count), parts.scrap, np.nan)  # unknown parts have unknown rejects
            for day in _spread(parts.start_ms, parts.end_ms, scrap, zone):
                days[day.date] = replace(days[day.date], scrap=day.values)
    yield from (days[key] for key in sorted(days))


def _spread(start_ms: Ints, end_ms: Ints, amounts: Floats, zone: ZoneInfo) -> Iterator[_DayOf]:
    usable = np.isfinite(amounts) & (end_ms > start_ms)
    start, end, amount = start_ms[usable], end_ms[usable], amounts[usable]
    if len(amount) == 0:
        return
    first = int(start.min()) // QUARTER_MS
    count = -(-int(end.max()) // QUARTER_MS) - first
    begins, ends = start // QUARTER_MS - first, -(-end // QUARTER_MS) - first
    spread = np.minimum(ends - begins, LONGEST)
    owner = np.repeat(np.arange(len(amount)), spread)
    place = np.repeat(begins, spread) + np.arange(len(owner)) - np.repeat(np.cumsum(spread) - spread, spread)
    low = np.maximum(start[owner], (place + first) * QUARTER_MS)
    high = np.minimum(end[owner], (place + first + 1) * QUARTER_MS)
    share = (high - low) / (end - start)[owner]
    sums: Floats = np.asarray(np.bincount(place, weights=amount[owner] * share, minlength=count), dtype=np.float64)
    covered = np.bincount(place, weights=(high - low).astype(np.float64), minlength=count)
    long = np.bincount(place, weights=((end - start) > QUARTER_MS)[owner].astype(np.float64), minlength=count) > 0
    zero = datetime.fromtimestamp(first * QUARTER_MS / 1000, UTC)
    last = datetime.fromtimestamp((first + count) * QUARTER_MS / 1000 - 1, UTC)
    day = zero.astimezone(zone).date()
    while day <= last.astimezone(zone).date():
        begin, until = (_midnight(each, zone) // QUARTER_MS - first for each in (day, day + timedelta(days=1)))
        inside = slice(max(begin, 0), min(until, count))
        if covered[inside].any():
            quarters = range(begin, until)
            values = [float(sums[i]) if 0 <= i < count and covered[i] > 0 else None for i in quarters]
            bridged = tuple(i - begin for i in quarters if 0 <= i < count and long[i])
            yield _DayOf(day, (begin + first) * QUARTER_MS / 1000, tuple(values), bridged)
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)
