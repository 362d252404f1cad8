"""Recounts days of a machine from its readings: after late readings, and on request."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from energytrack.ledger.counting import DayCount
from energytrack.ledger.day import Day, Why
from energytrack.ledger.local_days import midnight, utc
from energytrack.ledger.revising import is_settled, revised
from energytrack.metering.values import Meter
from energytrack.plant import Place, Plant
from energytrack.production.counters import NOTHING_READ
from energytrack.production.estimating import Estimate
from energytrack.production.spells import MachineSpells
from energytrack.store import Store
from historian.ledger.cycles import estimates
from historian.ledger.files import LedgerFiles
from historian.ledger.machine_energy import MachineEnergy

FIRST_LOOK: Final = timedelta(minutes=15)
LONGEST_LOOK: Final = timedelta(days=1)
MANY: Final = 2000
"""Readings at once; SecantusDB reads one in half a millisecond, and live readings wait meanwhile."""
BEFORE: Final = timedelta(hours=3)
"""A late reading this soon after midnight may change the day before: a register that stood still may have moved."""


class Recount:
    """Goes through a machine's readings, a piece at a time, from the beginning of the day."""

    def __init__(self, device_id: str, first: date, *, store: Store, plant: Plant, files: LedgerFiles) -> None:
        self.device_id = device_id
        self.first = first
        self._store = store
        self.plant: Final = plant
        self._files = files
        opening = store.openings.before(device_id, first) or store.openings.after(device_id, first)
        self.is_possible = opening is not None
        """False if this machine has no stored readings that were counted."""
        self.machine = MachineEnergy(
            device_id, plant, None if opening is None else opening.meter, self._open,
            counters=NOTHING_READ if opening is None else opening.counters,
        )  # fmt: skip
        begins = midnight(first if opening is None else opening.date, plant.zone)
        self.machine.spells = MachineSpells(device_id, plant.zone, since=begins)
        self._at = utc(begins)
        self._look = FIRST_LOOK
        self.looked_at: Final = set[float]()
        """Hours whose current was analysed again."""
        self._cycle_parts: list[Estimate] = []

    @property
    def meter(self) -> Meter | None:
        """The meter, as far as readings were counted."""
        return self.machine.meter

    def go_on(self, until: datetime) -> bool:
        """Count the next piece; returns whether everything before `until` is counted. Raises StoreUnavailable."""
        end = min(self._at + self._look, until)
        count = 0
        for reading in self._store.readings.stream([self.device_id], since=self._at, until=end):
            place = self.plant.place(reading.device_id, reading.device_type, reading.line)
            self.machine.take(reading, self.plant.limits(reading.device_id, place.device_type))
            self.machine.place = place
            count += 1
        self._at = max(self._at, end)
        self._look = max(FIRST_LOOK, self._look / 2) if count > MANY else min(self._look * 2, LONGEST_LOOK)
        return self._at >= until

    def go_on_until_settled(self, last: date, now: datetime) -> None:
        """Count everything that belongs to the days up to `last`, including energy that later readings show."""
        end = midnight(last + timedelta(days=1), self.plant.zone)
        while not self.go_on(min(utc(end), now)):
            pass
        while not is_settled(self.meter, end) and not self.go_on(min(self._at + self._look, now)):
            pass

    def look_for_cycles(self, hour: float, place: Place) -> None:
        """Analyse the current of an hour again; raises StoreUnavailable."""
        self._cycle_parts += estimates(self._store, self.plant, self.device_id, place, [hour])
        self.looked_at.add(hour)

    def go_back(self) -> None:
        """Look again for readings since the last one: the historian may have stored some meanwhile."""
        if self.meter is not None:
            self._at = utc(self.meter.at) + timedelta(milliseconds=1)

    def days(
        self, stored: Mapping[date, Day], *, last: date, at: datetime, why: Why, reprice: bool = False
    ) -> list[Day]:
        """The days from the first to `last` as they should be stored, at the prices of the stored ones.

        Days without readings are left out: their stored results stay.
        """
        counted = {
            each.date: self._through(self._with_cycles(each.day(), stored.get(each.date)), stored.get(each.date))
            for each in self.machine.days
            if each.date <= last and each.changed
        }
        prices = self._files.prices
        return [
            revised(new, stored.get(day), prices.of(day), at=at, why=why, reprice=reprice)
            for day, new in sorted(counted.items())
        ]

    def _through(self, new: Day, stored: Day | None) -> Day:
        """The day with all readings that were counted, including one that added to it before others arrived late."""
        if stored is None or self.meter is None or stored.through > self.meter.at:
            return new
        return replace(new, through=max(new.through, stored.through))

    def _with_cycles(self, new: Day, stored: Day | None) -> Day:
        """The day with the new results of the hours that were analysed again, and the stored ones of the others."""
        found = [each for each in self._cycle_parts if new.start <= each[0] < new.end]
        if not found:
            return new
        if stored is not None:
            new = replace(new, cycle_parts=stored.cycle_parts, cycles_until=stored.cycles_until)
        count = DayCount(new)
        for start, parts in found:
            count.estimate_parts(parts, start)
        return count.day()

    def _open(self, machine: MachineEnergy, day: date, _stored: bool) -> DayCount | None:
        if day < self.first:
            return None
        return self._files.fresh(machine.device_id, day, self.plant.place(machine.device_id))
