"""A day of the ledger while it is being counted: adds each step of the meter to its quarter hour. Pure.

Every step counts once: a day holds the time of its last step (`through`), and an earlier or repeated step adds nothing.
So readings can be counted again from any earlier state of the meter, and the day comes out identical, to the bit.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from energytrack.ledger.day import Day, places_by_batch
from energytrack.ledger.day_prices import DayPrices, PriceOfDay
from energytrack.ledger.documents import COLUMNS
from energytrack.ledger.finished import QuarterParts
from energytrack.ledger.local_days import date_at, midnight, quarter_count
from energytrack.ledger.parts import spread
from energytrack.machines.power import JOULES_PER_KWH
from energytrack.metering.quarters import QUARTER_SECONDS, split, split_cover
from energytrack.metering.reasons import Reason
from energytrack.metering.values import CoverageSpan, EnergyPart, Step
from energytrack.plant import Place

Pieces = Literal["parts", "scrap"]
PIECES: Final[tuple[Pieces, ...]] = ("parts", "scrap")
NEVER: Final = -math.inf


def empty_day(device_id: str, day: date, place: Place, zone: ZoneInfo, price: PriceOfDay) -> Day:
    """A day before anything is counted."""
    count = quarter_count(day, zone)
    columns: dict[str, tuple[float, ...]] = dict.fromkeys(COLUMNS, (0.0,) * count)
    return Day(
        device_id=device_id, date=day, device_type=place.device_type, line=place.line, start=midnight(day, zone),
        price_per_kwh=price.per_kwh, price_version=price.version, price_batches=places_by_batch(price.batches),
        through=NEVER, idle_known=False,
        **columns,  # type: ignore[arg-type]
    )  # fmt: skip


class DayCount:
    """One machine's day while it is being counted."""

    def __init__(self, day: Day) -> None:
        """Continues a stored day, or starts an empty one."""
        self._day = day
        self._columns: dict[str, list[float]] = {name: list(getattr(day, name)) for name in COLUMNS}
        self._reasons: dict[Reason, set[int]] = {reason: set(where) for reason, where in day.reasons.items()}
        self._pieces = {name: None if (counts := getattr(day, name)) is None else list(counts) for name in PIECES}
        self._cycle_parts = None if day.cycle_parts is None else list(day.cycle_parts)
        self.cycles_until = day.cycles_until
        self._finished: list[QuarterParts | None] = list(_finished(day))
        self._finished_around = day.finished_before, day.finished_after
        self._counted_before = day.through
        self._through = day.through
        self.place = Place(day.device_type, day.line)
        self.start, self.end = day.start, day.end
        self.date = day.date
        self.idle_known = day.idle_known
        self.changed = False
        self.stored: Day | None = None
        """As stored; None if it is not stored."""

    def add(self, part: EnergyPart, start: float, at: float) -> None:
        """Energy within the quarter hour that begins at `start`, found by the step at `at`."""
        if at <= self._counted_before:
            return
        index = round((start - self.start) / QUARTER_SECONDS)
        columns, verdict = self._columns, part.verdict
        columns[f"{verdict}_kwh"][index] += part.joules / JOULES_PER_KWH
        if part.idle_joules and verdict != "suspect":
            idle = part.idle_joules / JOULES_PER_KWH
            columns["idle_kwh"][index] += idle
            if part.idle_estimated or verdict == "estimated":
                columns["idle_estimated_kwh"][index] += idle
        if part.reason is not None:
            self._reasons.setdefault(part.reason, set()).add(index)
        self._through = at
        self.changed = True

    def cover(self, cover: CoverageSpan, start: float, at: float) -> None:
        """Time within the quarter hour that begins at `start`."""
        if at <= self._counted_before:
            return
        column = self._columns[f"{cover.basis}_seconds"]
        column[round((start - self.start) / QUARTER_SECONDS)] += cover.end - cover.start
        self._through = at
        self.changed = True

    def add_parts(self, column: Pieces, parts: float, start: float, at: float) -> None:
        """Parts produced, or rejected, within the quarter hour that begins at `start`, found by the reading at `at`."""
        if at <= self._counted_before:
            return
        index = round((start - self.start) / QUARTER_SECONDS)
        counts = self._pieces[column]
        if counts is None:
            counts = self._pieces[column] = [None] * round((self.end - self.start) / QUARTER_SECONDS)
        counts[index] = (counts[index] or 0.0) + parts
        self._through = at
        self.changed = True

    def estimate_parts(self, parts: float | None, start: float) -> None:
        """Set the parts that cycles in the current show for the quarter hour from `start`; None if they show none."""
        if self._cycle_parts is None:
            self._cycle_parts = [None] * round((self.end - self.start) / QUARTER_SECONDS)
        self._cycle_parts[round((start - self.start) / QUARTER_SECONDS)] = parts
        self.cycles_until = max(self.cycles_until or NEVER, start + QUARTER_SECONDS)
        self.changed = True

    def reprice(self, prices: DayPrices) -> None:
        """Apply prices that were imported, or taken back."""
        before = self.day()
        after = prices.of_stored(before)
        if after is not before:
            self._day = after
            self.changed = True

    @property
    def finished_around(self) -> tuple[bool, bool]:
        """Whether the day before and the day after are known to have events about parts."""
        return self._finished_around

    @property
    def has_finished_parts(self) -> bool:
        """Whether any event reports parts on this day."""
        return any(each is not None for each in self._finished)

    def finish_parts(self, quarters: Iterable[tuple[float, QuarterParts | None]], *, before: bool, after: bool) -> None:
        """Apply the parts that events report, as (start, parts), and whether the neighbouring days have events."""
        known = [*self._finished]
        for start, parts in quarters:
            known[round((start - self.start) / QUARTER_SECONDS)] = parts
        self.changed = self.changed or known != self._finished or self._finished_around != (before, after)
        self._finished, self._finished_around = known, (before, after)

    def day(self) -> Day:
        """The day as it is now."""
        columns = {name: tuple(column) for name, column in self._columns.items()}
        reasons = {reason: tuple(sorted(where)) for reason, where in self._reasons.items()}
        return replace(
            self._day, device_type=self.place.device_type, line=self.place.line, through=self._through,
            reasons=reasons, idle_known=self.idle_known, cycles_until=self.cycles_until,
            cycle_parts=None if self._cycle_parts is None else tuple(self._cycle_parts),
            finished_parts=_column([None if each is None else each.parts for each in self._finished]),
            finished_scrap=_column([None if each is None else each.scrap for each in self._finished]),
            finished_before=self._finished_around[0], finished_after=self._finished_around[1],
            **{name: None if counts is None else tuple(counts) for name, counts in self._pieces.items()}, **columns,
        )  # fmt: skip


def _finished(day: Day) -> Iterator[QuarterParts | None]:
    none = (None,) * len(day)
    for parts, scrap in zip(day.finished_parts or none, day.finished_scrap or none, strict=True):
        yield None if parts is None else QuarterParts(parts, scrap)


def _column(values: Sequence[float | None]) -> tuple[float | None, ...] | None:
    return None if all(value is None for value in values) else tuple(values)


class MachineDays:
    """The days of one machine that are being counted."""

    def __init__(self, zone: ZoneInfo, open_day: Callable[[date], DayCount | None]) -> None:
        """`open_day` loads a day when something is to be added to it; it returns None for a day that is not counted."""
        self._zone = zone
        self._open = open_day
        self._days: dict[date, DayCount | None] = {}
        self._latest: DayCount | None = None

    def __iter__(self) -> Iterator[DayCount]:
        """The days in memory."""
        return (day for day in self._days.values() if day is not None)

    def put(self, day: DayCount) -> None:
        """Keep a stored day in memory."""
        self._days[day.date] = day

    def count(self, step: Step) -> None:
        """Add the energy and time that a step of the meter found."""
        at = step.meter.at
        for part in step.parts:
            for start, piece in split(part):
                if (day := self._at(start)) is not None:
                    day.add(piece, start, at)
        for cover in step.covers:
            for start, stretch in split_cover(cover):
                if (day := self._at(start)) is not None:
                    day.cover(stretch, start, at)
                    day.idle_known = day.idle_known or step.meter.record.idle_known

    def count_parts(self, column: Pieces, parts: float, *, since: float, at: float) -> None:
        """Add the parts that a reading shows, produced or rejected since the one before it."""
        for start, share in spread(parts, since, at):
            if (day := self._at(start)) is not None:
                day.add_parts(column, share, start, at)

    def estimate_parts(self, quarters: Iterable[tuple[float, float | None]]) -> None:
        """Apply the parts that cycles in the current show, as (start of the quarter hour, parts)."""
        for start, parts in quarters:
            if (day := self._at(start)) is not None:
                day.estimate_parts(parts, start)

    def opened(self, day: date) -> DayCount | None:
        """A day from memory, or loaded to be counted; None if it is not counted."""
        return self._at(midnight(day, self._zone))

    def settle(self, *, before: float) -> list[DayCount]:
        """Drop days that ended before a time and have nothing new to store; returns them."""
        old = [day for day in self if day.end <= before and not day.changed]
        for day in old:
            del self._days[day.date]
            if self._latest is day:
                self._latest = None
        return old

    def _at(self, at: float) -> DayCount | None:
        latest = self._latest
        if latest is not None and latest.start <= at < latest.end:
            return latest
        key = date_at(at, self._zone)
        if key not in self._days:
            self._days[key] = self._open(key)
        day = self._days[key]
        self._latest = day or latest
        return day
