"""The plant's energy in a month, by quarter hour: the ledger's days of all machines added up. Pure."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from energytrack.ledger.day import COUNTED, Day
from energytrack.ledger.local_days import last_of_month, midnight
from energytrack.ledger.presence import Presence
from energytrack.ledger.sums import NOTHING, EnergySums, total
from energytrack.metering.quarters import QUARTER_SECONDS, QUARTERS_PER_HOUR

COVERED: Final = ("measured_seconds", "bridged_seconds", "estimated_seconds", "imported_seconds", "corrected_seconds")
"""Columns with the time of which the energy is known."""
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class Month(NamedTuple):
    """A calendar month in plant time."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def before(cls, local: datetime) -> "Month":
        """The last complete month at a local time."""
        return cls.of(local.date().replace(day=1) - timedelta(days=1))

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Parse a month such as `2026-10`; raises ValueError for anything else."""
        match = _MONTH.fullmatch(text)
        if match is None or int(match[1]) == 0:
            raise ValueError(f"expected a month as 2026-10, got {text!r}")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return last_of_month(self.first)

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.last.day

    @property
    def previous(self) -> "Month":
        """The month before it."""
        return Month.of(self.first - timedelta(days=1))

    @property
    def earlier(self) -> tuple["Month", ...]:
        """The months of the same year before it."""
        return tuple(Month(self.year, number) for number in range(1, self.month))


class Load(NamedTuple):
    """The plant's quarter hours of a month."""

    start: float
    """When the month begins, seconds since the epoch; each quarter hour is 900 s later."""
    kwh: tuple[float, ...]
    """Energy that counts: measured, bridged, estimated, imported, corrected."""
    cost: tuple[float, ...]
    """At the prices in the ledger; without the energy that has none."""
    unpriced: tuple[float, ...]
    """Kilowatt hours without a price."""
    sums: EnergySums
    machines: int
    seconds: float
    """The time in which machines were present, all of them together; the known time in `sums` is a part of it."""
    until: float | None
    """Time of the last reading that is counted, or the end of imported values; None if nothing is known."""
    known: tuple[bool, ...]
    """Whether the energy of at least one machine is known; otherwise 0 kWh means unknown."""

    def kw(self, index: int) -> float:
        """Mean power of a quarter hour in kW, which demand charges are based on."""
        return self.kwh[index] * QUARTERS_PER_HOUR


def load_of(days: Iterable[Day], month: Month, zone: ZoneInfo, presences: Mapping[str, Presence] | None = None) -> Load:
    """Add up the days of all machines; days of other months are left out.

    A machine without a presence counts as present from its first reading in the month to the last one of the plant.
    """
    start = midnight(month.first, zone)
    end = midnight(month.last + timedelta(days=1), zone)
    count = round((end - start) / QUARTER_SECONDS)
    kwh, cost, unpriced = [0.0] * count, [0.0] * count, [0.0] * count
    is_known = [False] * count
    sums: EnergySums = NOTHING
    spans: dict[str, float] = {}
    until = -math.inf
    for day in days:
        if Month.of(day.date) != month:
            continue
        first = spans.get(day.device_id, math.inf)
        spans[day.device_id] = min(first, day.begun)
        until = max(until, _known_until(day))
        sums = total((sums, day.sums()))
        offset = round((day.start - start) / QUARTER_SECONDS)
        columns = [column for name in COUNTED if (column := getattr(day, name))]
        covered = [column for name in COVERED if (column := getattr(day, name))]
        for index, seconds_by_verdict in enumerate(zip(*covered, strict=True), start=offset):
            is_known[index] = is_known[index] or any(seconds_by_verdict)
        for index, (price, *used) in enumerate(zip(day.price_per_kwh, *columns, strict=True), start=offset):
            counted = sum(used)
            kwh[index] += counted
            if price is None:
                unpriced[index] += counted
            else:
                cost[index] += price * counted
    presence_of = {name: Presence(first, until) for name, first in spans.items()}
    presence_of.update(presences or {})
    seconds = sum(each.seconds(start, end) for each in presence_of.values())
    known_until = until if math.isfinite(until) else None
    of_month = (tuple(kwh), tuple(cost), tuple(unpriced))
    return Load(start, *of_month, sums, len(spans), seconds, known_until, tuple(is_known))


def _known_until(day: Day) -> float:
    """The time of a day's last reading, or the end of imported values; minus infinity if there is neither."""
    known = (index for index, kwh in enumerate(day.imported or ()) if kwh is not None)
    last = max(known, default=None)
    return day.through if last is None else max(day.through, day.start + (last + 1) * QUARTER_SECONDS)
