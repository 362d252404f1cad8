"""One machine's energy while the historian counts it: its meter and the days of its ledger."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from energytrack.ledger.counting import DayCount, MachineDays, Pieces
from energytrack.ledger.day_prices import DayPrices
from energytrack.ledger.imported import filled
from energytrack.ledger.local_days import ONE_DAY, date_at, midnight
from energytrack.ledger.parts import PartsCounter, counted
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.ledger.sums import NOTHING, EnergySums
from energytrack.messages import Reading
from energytrack.metering.limits import Limits
from energytrack.metering.step import step
from energytrack.metering.values import Meter, Step
from energytrack.plant import Place, Plant
from energytrack.plant_meters.rules import register_only
from energytrack.production.counters import NOTHING_READ, Counters
from energytrack.production.spells import MachineSpells, mark_of

Month = tuple[int, int]
SumsByPlace = dict[Place, EnergySums]
KEPT: Final = timedelta(hours=4).total_seconds()
"""A day that is over stays in memory for this time: a coarse register may still add to it."""


class MachineEnergy:
    """A meter, and what it added to the days in memory."""

    def __init__(
        self,
        device_id: str,
        plant: Plant,
        meter: Meter | None,
        open_day: "OpenDay",
        *,
        counters: Counters = NOTHING_READ,
    ) -> None:
        self.device_id = device_id
        self.meter = meter
        self.days = MachineDays(plant.zone, self._opened)
        self.counters = counters
        self.spells = MachineSpells(device_id, plant.zone)
        self._plant_meter = plant.meters.get(device_id)
        listed = plant.device(device_id)
        self._signals = None if listed is None else (listed.parts_signal, listed.scrap_signal)
        self.openings: dict[date, tuple[Meter | None, Counters]] = {}
        """Meters and counters at the beginning of days, which are not stored yet."""
        self.unstored = False
        """The stored ledger is behind."""
        self.closed: dict[Month, SumsByPlace] = {}
        """Sums of those days of a month that are not in memory."""
        self.place = Place()
        self.since: float | None = None
        """Time of the first reading that the ledger counted."""
        self.is_since_stored = False
        self.may_have_days = False
        """There may be stored days without a meter: events or files reported the machine before its first reading."""
        self._zone = plant.zone
        self._open_day = open_day
        self._newest = date.min if meter is None else date_at(meter.at, plant.zone)
        self._day_ends = float("-inf") if meter is None else midnight(self._newest + ONE_DAY, plant.zone)

    def take(self, reading: Reading, limits: Limits) -> Step:
        """Count one more reading; a late or repeated one changes nothing."""
        if self._plant_meter is not None:
            reading = register_only(reading, self._plant_meter)
        before = self.meter
        taken = step(before, reading, limits)
        meter = taken.meter
        if meter is before:
            return taken
        if before is None:
            self.begun_at(meter.at)
        if meter.at >= self._day_ends:
            day = date_at(meter.at, self._zone)
            self._day_ends = midnight(day + ONE_DAY, self._zone)
            self.openings[day] = before, self.counters
        self.meter = meter
        if taken.parts or taken.covers:
            self.days.count(taken)
        self._count_production(reading, meter.at, limits)
        self.place = Place(reading.device_type, reading.line)
        self.unstored = True
        return taken

    def _count_production(self, reading: Reading, at: float, limits: Limits) -> None:
        before = self.counters
        parts, scrap = self._signals or (None, None)
        state = mark_of(reading, at, limits)
        self.spells.take(before.state, state, limits)
        self.counters = Counters(
            self._count("parts", before.parts, reading.parts if parts is None else reading.signals.get(parts), at),
            self._count("scrap", before.scrap, reading.scrap if scrap is None else reading.signals.get(scrap), at),
            state,
        )

    def _count(
        self, column: Pieces, before: PartsCounter | None, count: float | None, at: float
    ) -> PartsCounter | None:
        if count is None or count < 0.0:
            return before
        after, parts = counted(before, count, at)
        if parts is not None and before is not None:
            self.days.count_parts(column, parts, since=before.at, at=at)
        return after

    def put(self, day: DayCount) -> None:
        """Keep a stored day in memory."""
        self.days.put(day)
        self.unstored = self.unstored or day.changed
        self._newest = max(self._newest, day.date)

    @property
    def cycles_until(self) -> float | None:
        """The time up to which its current was searched for cycles; None if no day in memory has that."""
        return max((day.cycles_until for day in self.days if day.cycles_until is not None), default=None)

    def estimate_parts(self, quarters: Sequence[tuple[float, float | None]]) -> None:
        """Apply the parts that cycles in the current show, as (start of the quarter hour, parts)."""
        if quarters:
            self.days.estimate_parts(quarters)
            self.unstored = True

    def reprice(self, prices: DayPrices) -> None:
        """Apply prices that were imported, or taken back, to the days in memory."""
        for day in self.days:
            day.reprice(prices)
            self.unstored = self.unstored or day.changed

    def begun_at(self, at: float) -> None:
        """Note a time at which the machine was present; the earliest counts."""
        if self.since is None or at < self.since:
            self.since, self.is_since_stored = at, False

    def changed(self) -> list[DayCount]:
        """Days that differ from the stored ones; they get the machine's current line."""
        changed = [day for day in self.days if day.changed]
        if changed and self.place != Place():
            newest = max(changed, key=lambda day: day.date)
            if newest.date == self._newest:
                newest.place = self.place
        return changed

    def rollups(self, changed: Iterable[DayCount]) -> tuple[list[DaySums], list[MonthSums]]:
        """Sums of the days that changed, and of their months."""
        sums_of = {day.date: filled(day.day()).sums() for day in changed}
        days = [DaySums(self.device_id, day.date, day.place, sums_of[day.date]) for day in changed]
        months = {(each.date.year, each.date.month) for each in days}
        return days, [
            MonthSums(self.device_id, *month, place, sums)
            for month in sorted(months)
            for place, sums in self._of_month(month, sums_of).items()
        ]

    def stored(self) -> None:
        """Note that everything is stored; days that are over are dropped."""
        self.openings.clear()
        self.unstored = False
        self.is_since_stored = True
        for day in (*self.days, *self.spells):
            day.changed = False
        newest = self._newest
        if newest == date.min:
            return
        counted = midnight(newest, self._zone)  # a machine without readings may still send events
        if self.meter is not None:
            self.spells.settle(before=self.meter.at - KEPT)
            counted = max(counted, self.meter.at)
        for day in self.days.settle(before=counted - KEPT):
            _add(self.closed.setdefault((day.date.year, day.date.month), {}), day.place, filled(day.day()).sums())
        for month in [month for month in self.closed if month < (newest.year, newest.month)]:
            if not any((day.date.year, day.date.month) == month for day in self.days):
                del self.closed[month]

    def months_at_hand(self) -> Mapping[Month, list[DayCount]]:
        """The days in memory, by month."""
        months: dict[Month, list[DayCount]] = {}
        for day in self.days:
            months.setdefault((day.date.year, day.date.month), []).append(day)
        return months

    def _of_month(self, month: Month, sums_of: Mapping[date, EnergySums]) -> SumsByPlace:
        """The sums of a month that has some of its days in memory."""
        whole = dict(self.closed.get(month, {}))
        for day in self.months_at_hand()[month]:
            _add(whole, day.place, sums_of.get(day.date) or filled(day.day()).sums())
        return whole

    def _opened(self, day: date) -> DayCount | None:
        may_be_stored = day <= self._newest or self.meter is None or self.may_have_days
        self._newest = max(self._newest, day)
        opened = self._open_day(self, day, may_be_stored)
        self.unstored = self.unstored or (opened is not None and opened.changed)
        return opened


OpenDay = Callable[[MachineEnergy, date, bool], DayCount | None]
"""Loads a day to be counted, or None; the last argument says whether it may have been stored before."""


def _add(whole: SumsByPlace, place: Place, sums: EnergySums) -> None:
    whole[place] = whole.get(place, NOTHING) + sums
