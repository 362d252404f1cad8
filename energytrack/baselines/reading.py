"""Reads from the store what a baseline is fitted to and compared with: energy by day, and its variables."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from energytrack.baselines.energy import DayEnergy, Hours, MaskOf, OffShift, all_hours, by_day
from energytrack.baselines.observations import Exclusion, ObservationTable, table_of
from energytrack.baselines.variables import Series, from_calendar, from_ledger, is_from_calendar, is_from_ledger
from energytrack.ledger.day import Day
from energytrack.ledger.local_days import ONE_DAY, date_at, midnight, utc
from energytrack.plant import Plant
from energytrack.store import Store

OF_DEVICE: Final = "/"
"""`weather-0001/outside_temperature`: the mean of that signal of that device."""


class Boundary(NamedTuple):
    """Selects energy: of a machine, a line or a type, or of the whole plant if none is named; and the hours."""

    hours: Hours
    device_id: str | None = None
    line: str | None = None
    device_type: str | None = None

    def admits(self, day: Day) -> bool:
        """Whether a machine's day is within it."""
        return (
            self.device_id in {None, day.device_id}
            and self.line in {None, day.line}
            and self.device_type in {None, day.device_type}
        )


class BoundaryEnergy(NamedTuple):
    """The energy within a boundary, and the lines of its machines."""

    days: Mapping[date, DayEnergy]
    lines: frozenset[str]


class Observations:
    """Reads energy and variables; the quarter hours out of shift are computed once per line and day."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._store = store
        self._plant = plant
        self._off_shift = OffShift(plant)

    def used(self, boundary: Boundary, first: date, last: date) -> BoundaryEnergy:
        """The energy from `first` to `last`, both included."""
        lines: set[str] = set()

        def counted_days() -> Iterator[Day]:
            for day in self._days(boundary, first, last):
                if day.line is not None:
                    lines.add(day.line)
                yield day

        mask: MaskOf = self._off_shift if boundary.hours == "off_shift" else all_hours
        return BoundaryEnergy(by_day(counted_days(), mask), frozenset(lines))

    def table(
        self,
        used: BoundaryEnergy,
        variables: Sequence[str],
        first: date,
        last: date,
        *,
        exclusions: Sequence[Exclusion] = (),
    ) -> ObservationTable:
        """The days that count, with these variables."""
        series = {name: self.series(name, used, first, last) for name in variables}
        return table_of(used.days, series, first, last, exclusions=exclusions)

    def series(self, name: str, used: BoundaryEnergy, first: date, last: date) -> Series:
        """A variable's values by day, from any source; empty if it is unknown."""
        if is_from_ledger(name):
            return from_ledger(name, used.days)
        if is_from_calendar(name):
            return from_calendar(name, self._plant, used.lines, first, last)
        if OF_DEVICE in name:
            return self._means(name, first, last)
        return self._store.variables.series(name, first, last)

    def _means(self, name: str, first: date, last: date) -> Series:
        device_id, _, signal = name.partition(OF_DEVICE)
        zone = self._plant.zone
        since, until = utc(midnight(first, zone)), utc(midnight(last + ONE_DAY, zone))
        sums: dict[date, list[float]] = defaultdict(list)
        for means in self._store.minutes.means([device_id], [signal], since=since, until=until, settled=since):
            for end_ms, value in zip(means.end_ms, means.signals[signal], strict=True):
                if value is not None and math.isfinite(value):
                    sums[date_at(end_ms / 1000 - 1, zone)].append(value)
        return {day: sum(values) / len(values) for day, values in sums.items()}

    def _days(self, boundary: Boundary, first: date, last: date) -> Iterator[Day]:
        for day in self._store.ledger.days(self._machines(boundary), first, last):
            if boundary.admits(day):
                yield day

    def _machines(self, boundary: Boundary) -> Sequence[str]:
        if boundary.device_id is not None:
            return [boundary.device_id]
        listed = (device.device_id for device in self._plant.devices)
        return sorted({*self._store.devices.ids(), *listed})
