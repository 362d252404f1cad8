"""The energy of intervals by quarter hour and local day: days have 92, 96 or 100 of them. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from energytrack.importer.content import Energy, Floats
from energytrack.store.telemetry.imports import ImportedDay

QUARTER_MS: Final = 900_000
LONGEST: Final = 35_136
"""Quarter hours of a leap year: over more than that no energy is spread."""


def days_of(device_id: str, energy: Energy, zone: ZoneInfo, batch_id: str) -> Iterator[ImportedDay]:
    """A machine's days, oldest first. Energy of longer intervals is spread evenly over the quarter hours in them."""
    known = np.isfinite(energy.kwh) & (energy.end_ms > energy.start_ms)
    start, end, kwh = energy.start_ms[known], energy.end_ms[known], energy.kwh[known]
    if len(kwh) == 0:
        return
    first = int(start.min()) // QUARTER_MS
    count = -(-int(end.max()) // QUARTER_MS) - first
    begins, ends = start // QUARTER_MS - first, -(-end // QUARTER_MS) - first
    spread = np.minimum(ends - begins, LONGEST)
    owner = np.repeat(np.arange(len(kwh)), spread)
    place = np.repeat(begins, spread) + np.arange(len(owner)) - np.repeat(np.cumsum(spread) - spread, spread)
    low = np.maximum(start[owner], (place + first) * QUARTER_MS)
    high = np.minimum(end[owner], (place + first + 1) * QUARTER_MS)
    share = (high - low) / (end - start)[owner]
    sums: Floats = np.asarray(np.bincount(place, weights=kwh[owner] * share, minlength=count), dtype=np.float64)
    covered = np.bincount(place, weights=(high - low).astype(np.float64), minlength=count)
    long = np.bincount(place, weights=((end - start) > QUARTER_MS)[owner].astype(np.float64), minlength=count) > 0
    zero = datetime.fromtimestamp(first * QUARTER_MS / 1000, UTC)
    last = datetime.fromtimestamp((first + count) * QUARTER_MS / 1000 - 1, UTC)
    day = zero.astimezone(zone).date()
    while day <= last.astimezone(zone).date():
        begin, until = (_midnight(each, zone) // QUARTER_MS - first for each in (day, day + timedelta(days=1)))
        inside = slice(max(begin, 0), min(until, count))
        if covered[inside].any():
            there = range(begin, until)
            values = [float(sums[i]) if 0 <= i < count and covered[i] > 0 else None for i in there]
            bridged = tuple(i - begin for i in there if 0 <= i < count and long[i])
            yield ImportedDay(batch_id, device_id, day, (begin + first) * QUARTER_MS / 1000, tuple(values), bridged)
        day += timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)
