"""The energy ledger of this historian's machines: loaded, continued, and stored.

The order of storing makes a kill at any moment harmless (docs/decisions/the-ledger.md): first the readings of a batch;
at intervals the days, and after them the meter as it was when they were stored. A historian that continues from there
counts the readings since that meter again, and a day knows which of them it already contains.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, TypeVar

import structlog

from energytrack.clock import Clock
from energytrack.ledger.counting import DayCount, empty_day
from energytrack.ledger.day import Day
from energytrack.ledger.day_prices import DayPrices
from energytrack.ledger.imported import filled
from energytrack.ledger.local_days import date_at, utc
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.ledger.sums import NOTHING, EnergySums
from energytrack.metering.values import Meter
from energytrack.plant import Place, Plant
from energytrack.production.counters import NOTHING_READ, Counters
from energytrack.production.spells import SpellDay
from energytrack.store import Store
from energytrack.store.meters import CountingState
from energytrack.store.telemetry.openings import Opening
from historian.ledger.machine_energy import MachineEnergy

log = structlog.get_logger(__name__)

RECENT: Final = timedelta(days=2)
"""Machines that sent readings within this time are loaded together; others one by one."""
D = TypeVar("D", Day, SpellDay)
Persist = Callable[[Callable[[], None]], None]
MonthKey = tuple[str, int, int]
"""Machine, year, month."""


class StoredLedger(NamedTuple):
    """Machines as they are stored in the ledger, and what has to be counted again."""

    machines: Mapping[str, MachineEnergy]
    since: Mapping[str, datetime]
    """The time from which a machine's readings must be counted again: they may be stored but not in its days."""
    marked: Mapping[str, float]
    """The times from which some machines have to be recounted."""


class LedgerFiles:
    """Connects machines that are being counted with the store."""

    def __init__(
        self, store: Store, plant: Plant, *, clock: Clock, persist: Persist, prices: DayPrices | None = None
    ) -> None:
        self._store = store
        self._plant = plant
        self._clock = clock
        self._persist = persist
        self.prices = prices or DayPrices(plant)
        self._carry_out = persist

    def stored(self, device_ids: Collection[str]) -> StoredLedger:
        """Machines as they are stored in the ledger, read for all at once; raises StoreUnavailable."""
        states = self._store.meters.counting(device_ids)
        machines = {device_id: self._machine(device_id, states.get(device_id)) for device_id in device_ids}
        for day in self._stored_days(states, self._store.ledger.counted_since):
            machines[day.device_id].put(self._count(day))
        for spells in self._stored_days(states, self._store.spells.since):
            machines[spells.device_id].spells.put(spells)
        self._take_up_months(machines)
        for device_id, state in states.items():
            self._take_up_since(machines[device_id], state)
        since = {name: at for name, state in states.items() if (at := _first_uncounted(state)) is not None}
        marked = {name: state.recount_from for name, state in states.items() if state.recount_from is not None}
        return StoredLedger(machines, since, marked)

    def count_again(self, machine: MachineEnergy, since: datetime) -> None:
        """Count the readings that were stored after the ledger; raises StoreUnavailable.

        The machine must then be dropped: a reading may have moved its meter without being in its days.
        """
        if not self._store.readings.indexed:
            return
        until = self._clock.now() + timedelta(minutes=self._plant.clocks.ahead_minutes)
        try:
            self._carry_out = _at_once
            for reading in self._store.readings.stream([machine.device_id], since=since, until=until):
                place = self._plant.place(reading.device_id, reading.device_type, reading.line)
                machine.take(reading, self._plant.limits(reading.device_id, place.device_type))
        finally:
            self._carry_out = self._persist

    def store(self, machines: Sequence[MachineEnergy], *, meters: bool = True) -> Collection[str]:
        """Bring the store up to date; returns the machines that another process has counted further.

        Without `meters` if these are not the live meters, but meters that recount past days.
        """
        openings = [
            Opening(each.device_id, day, *opening)
            for each in machines
            for day, opening in sorted(each.openings.items(), key=lambda item: item[0])
        ]
        changed = {each.device_id: each.changed() for each in machines}
        counts = [day for each in changed.values() for day in each]
        days = [count.day() for count in counts]
        before = {(old.device_id, old.date): old for count in counts if (old := count.stored) is not None}
        self._persist(lambda: self._store.openings.put(openings))
        refused: set[str] = set()
        self._persist(lambda: refused.update(self._refused(days, before)))
        kept = [each for each in machines if each.device_id not in refused]
        for count, day in zip(counts, days, strict=True):
            if day.device_id not in refused:
                count.stored = day
        day_sums: list[DaySums] = []
        month_sums: list[MonthSums] = []
        for each in kept:
            its_days, its_months = each.rollups(changed[each.device_id])
            day_sums += its_days
            month_sums += its_months
        self._persist(lambda: self._store.rollups.put(day_sums, month_sums))
        now = self._clock.now().timestamp()
        if any(day.end <= now for day in days if day.device_id not in refused):
            self._persist(self._store.edition.rise)
        spells = [day.day() for each in kept for day in each.spells if day.changed]
        self._persist(lambda: self._store.spells.put(spells))
        first = {each.device_id: each.since for each in kept if each.since is not None and not each.is_since_stored}
        self._persist(lambda: self._store.meters.note_since(first))
        if meters:
            counted = [(each.device_id, each.meter) for each in kept if each.meter is not None]
            counters = {each.device_id: each.counters for each in kept}
            self._persist(lambda: self._store.meters.put_counted(counted, counters))
        for each in kept:
            each.stored()
        return refused

    def _refused(self, days: Sequence[Day], before: Mapping[tuple[str, date], Day]) -> Iterator[str]:
        """Store days; returns the machines whose days another process has written meanwhile."""
        return (device_id for device_id, _ in self._store.ledger.put(days, instead_of=before))

    def take_up_sums(self, machines: Mapping[str, MachineEnergy]) -> None:
        """Load the stored sums of machines' months; the months are stored with the next days.

        Raises StoreUnavailable.
        """
        self._take_up_months(machines)
        for machine in machines.values():
            for day in machine.days:
                day.changed = machine.unstored = True

    def fresh(self, device_id: str, day: date, place: Place) -> DayCount:
        """A day before anything is counted."""
        return DayCount(empty_day(device_id, day, place, self._plant.zone, self.prices.of(day)))

    def machine(self, device_id: str, meter: Meter | None = None, counters: Counters = NOTHING_READ) -> MachineEnergy:
        """A machine that continues from a meter and its counters."""
        return MachineEnergy(device_id, self._plant, meter, self._open_day, counters=counters)

    def with_days(
        self, device_id: str, meter: Meter | None, days: Iterable[Day], *, stored: Mapping[date, Day],
        counted: MachineEnergy | None = None,
    ) -> MachineEnergy:  # fmt: skip
        """A machine with days to store, as counted by `counted`; they were made from the `stored` ones."""
        machine = self.machine(device_id, meter, NOTHING_READ if counted is None else counted.counters)
        if counted is not None:
            machine.spells = counted.spells
            if counted.since is not None:
                machine.begun_at(counted.since)
        for day in days:
            count = DayCount(day)
            count.stored = stored.get(day.date)
            count.changed = day != count.stored
            machine.put(count)
        self._take_up_months({device_id: machine})
        machine.unstored = True
        return machine

    def _machine(self, device_id: str, state: CountingState | None) -> MachineEnergy:
        return self.machine(device_id) if state is None else self.machine(device_id, state.meter, state.counters)

    def _count(self, day: Day) -> DayCount:
        current = self.prices.of_stored(day)
        count = DayCount(current)
        count.stored = day
        count.changed = current is not day
        return count

    def _open_day(self, machine: MachineEnergy, day: date, stored: bool) -> DayCount:
        device_id = machine.device_id
        if not stored:
            return self.fresh(device_id, day, self._plant.place(device_id))
        days: list[Day] = []
        self._carry_out(lambda: days.extend(self._store.ledger.metered([(device_id, day)]).values()))
        month = [each.date for each in machine.days if (each.date.year, each.date.month) == (day.year, day.month)]
        at_hand = {(device_id, day.year, day.month): {*month, day}}
        summed: dict[tuple[str, date], DaySums] = {}
        self._carry_out(lambda: summed.update(self._take_up_days_of({device_id: machine}, at_hand)))
        if not days:
            return self.fresh(device_id, day, self._plant.place(device_id))
        count = self._count(days[-1])
        count.changed = count.changed or _is_behind(summed.get((device_id, day)), days[-1])
        return count

    def _stored_days(
        self, states: Mapping[str, CountingState], since: Callable[[Collection[str], date], Iterator[D]]
    ) -> Iterator[D]:
        """Days that may contain what the stored meters do not."""
        now = self._clock.now()
        counted = {name: at for name, state in states.items() if (at := _since(state)) is not None}
        first = {name: date_at(at, self._plant.zone) for name, at in counted.items()}
        recent = {name: day for name, day in first.items() if utc(counted[name]) >= now - RECENT}
        if recent:
            days = since(recent.keys(), min(recent.values()))
            yield from (day for day in days if day.date >= first[day.device_id])
        for device_id in first.keys() - recent.keys():
            yield from since([device_id], first[device_id])

    def _take_up_days_of(
        self, machines: Mapping[str, MachineEnergy], at_hand: Mapping[MonthKey, Set[date]]
    ) -> Mapping[tuple[str, date], DaySums]:
        """Load the sums of the other days in machines' months; returns the stored sums of days in memory.

        Raises StoreUnavailable; the machines then stay unchanged.
        """
        summed: dict[tuple[str, date], DaySums] = {}
        closed: dict[MonthKey, dict[Place, EnergySums]] = {key: {} for key in at_hand}
        for each in self._store.rollups.days_of_months(at_hand.keys()):
            key = each.device_id, each.date.year, each.date.month
            if each.date in at_hand[key]:
                summed[each.device_id, each.date] = each
            else:
                closed[key][each.place] = closed[key].get(each.place, NOTHING) + each.sums
        for (device_id, year, number), sums in closed.items():
            machines[device_id].closed[year, number] = sums
        return summed

    def _take_up_months(self, machines: Mapping[str, MachineEnergy]) -> None:
        at_hand = {
            (device_id, *month): {day.date for day in days}
            for device_id, machine in machines.items()
            for month, days in machine.months_at_hand().items()
        }
        summed = self._take_up_days_of(machines, at_hand)
        for device_id, machine in machines.items():
            for day in machine.days:
                if day.stored is not None and _is_behind(summed.get((device_id, day.date)), day.stored):
                    day.changed = machine.unstored = True

    def _take_up_since(self, machine: MachineEnergy, state: CountingState) -> None:
        """Set when the machine first sent a reading: as noted, or by its first day in the ledger."""
        if state.since is not None:
            machine.since, machine.is_since_stored = state.since, True
            machine.may_have_days = state.meter is None
        elif state.meter is not None and (day := self._store.ledger.first_day(machine.device_id)) is not None:
            machine.begun_at(day.begun)


def _is_behind(sums: DaySums | None, day: Day) -> bool:
    """Whether a day's stored sums do not match the stored day, because of a kill or a refusal in between."""
    return sums is None or (sums.place, sums.sums) != (Place(day.device_type, day.line), filled(day).sums())


def _since(state: CountingState) -> float | None:
    """The time up to which a machine's ledger is stored."""
    return state.begun if state.meter is None else state.meter.at


def _first_uncounted(state: CountingState) -> datetime | None:
    """The time from which stored readings are not in a machine's ledger."""
    at = _since(state)
    return None if at is None else utc(at) + timedelta(milliseconds=0 if state.meter is None else 1)


def _at_once(action: Callable[[], None]) -> None:
    action()
