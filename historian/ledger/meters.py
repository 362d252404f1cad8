"""The meters of this historian's machines: loads them from the store, counts readings, and stores them again."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from heapq import nsmallest
from typing import Final

from energytrack.messages import Reading
from energytrack.metering.values import Meter, Step
from energytrack.plant import Plant
from energytrack.store import Store
from historian.ledger.files import LedgerFiles
from historian.ledger.machine_energy import MachineEnergy

AT_ONCE: Final = 100
LOAD_SECONDS: Final = 30.0
"""Seconds to load this many machines: counting the readings since the last stored day takes time."""
Persist = Callable[[Callable[[], None]], None]


class FleetMeters:
    """Energy by machine: the meter, which exporters load, and the ledger."""

    def __init__(self, store: Store, plant: Plant, ledger: LedgerFiles, *, persist: Persist) -> None:
        self._store = store
        self._plant = plant
        self._ledger = ledger
        self._persist = persist
        self._machines: dict[str, MachineEnergy] = {}
        self._filed: dict[str, float] = {}
        self._changed: set[str] = set()
        self._counted: dict[str, float] = {}
        self._begun: dict[str, float] = {}
        self._silent: list[str] = []
        self.marked: dict[str, float] = {}
        """Machines whose ledger has to be recounted, and from what time."""
        self.noted_parts: dict[str, Sequence[float]] = {}
        """Quarter hours of machines with events that are not in the ledger yet."""

    def load(self, device_ids: Iterable[str]) -> None:
        """Load machines that are new here, waiting as long as the store is unavailable.

        Their stored state is read for all at once, the readings since then for some at a time.
        """
        unknown = sorted(set(device_ids) - self._machines.keys())
        if not unknown:
            return
        pieces = [unknown[start : start + AT_ONCE] for start in range(0, len(unknown), AT_ONCE)]
        machines: dict[str, MachineEnergy] = {}
        since: dict[str, datetime] = {}

        def read() -> None:
            self._store.ping()  # within seconds; a read is retried for as long as it takes
            with self._store.within(LOAD_SECONDS * len(pieces)):
                stored = self._ledger.stored(unknown)
                noted_parts = self._store.finished_parts.marked(unknown)
            machines.update(stored.machines)
            since.update(stored.since)
            self.marked.update(stored.marked)
            self.noted_parts.update(noted_parts)

        self._persist(read)
        for some in pieces:
            left = [device_id for device_id in some if device_id in since]

            def count_again(left: list[str] = left) -> None:
                self._count_again(left, machines, since)

            self._persist(count_again)
        self._machines.update(machines)

    def _count_again(self, left: list[str], machines: dict[str, MachineEnergy], since: Mapping[str, datetime]) -> None:
        """Count the readings since then of the machines that are `left`; each attempt leaves fewer.

        A machine that was interrupted in the middle of a reading is loaded again: its meter may be ahead of its days.
        """
        self._store.ping()
        with self._store.within(LOAD_SECONDS):
            while left:
                device_id = left[0]
                machine = machines.pop(device_id, None) or self._ledger.stored([device_id]).machines[device_id]
                self._ledger.count_again(machine, since[device_id])
                machines[device_id] = machine
                del left[0]

    def take_up_new_sums(self, at: float) -> int:
        """Drop machines whose sums a command has stored, because those in memory are older; returns how many.

        First, everything unsaved is stored, and their months with the sums that the command stored for the other days.
        """
        noted = {name: count for name, count in self._store.meters.new_sums().items() if name in self._machines}
        machines = {name: self._machines[name] for name in sorted(noted)[:AT_ONCE]}
        if not machines:
            return 0
        self._ledger.take_up_sums(machines)
        self.store_ledger(list(machines.values()), at)
        stored = [name for name, machine in machines.items() if self._machines.get(name) is machine]
        self._store.meters.took_up_new_sums({name: noted[name] for name in stored})
        self.clear(stored)
        return len(stored)

    def find_silent(self, before: float) -> None:
        """Find machines whose ledger has not changed since a time, to load them one after the other.

        A killed historian may have stored their last readings, and no new ones arrive that would load them here.
        """

        def action() -> None:
            self._silent = list(self._store.meters.standing_still(before))

        self._persist(action)

    def take_up_silent(self) -> None:
        """Load some of them; those with nothing to count are soon forgotten."""
        some, self._silent = self._silent[:AT_ONCE], self._silent[AT_ONCE:]
        self.load(some)

    def take(self, reading: Reading) -> Step:
        """Count one reading on a machine's meter."""
        device_id = reading.device_id
        machine = self._machines.get(device_id) or self._new(device_id)
        before = machine.meter
        taken = machine.take(reading, self._plant.limits(device_id, reading.device_type))
        if taken.meter is not before:
            self._changed.add(device_id)
            if before is None:
                self._begun[device_id] = taken.meter.at
        return taken

    def note_begun(self) -> None:
        """Record which machines are new, before the readings of a batch are stored."""
        if self._begun:
            self._persist(lambda: self._store.meters.begin(self._begun))
            self._begun.clear()

    def get(self, device_id: str) -> MachineEnergy | None:
        """A machine, if it is in memory."""
        return self._machines.get(device_id)

    def names(self) -> Sequence[str]:
        """The machines in memory."""
        return sorted(self._machines)

    def replace(self, machine: MachineEnergy) -> None:
        """Continue with a recounted machine."""
        self._machines[machine.device_id] = machine
        self._changed.add(machine.device_id)

    def reprice(self) -> None:
        """Apply prices that were imported, or taken back: a day that is only in memory has no document yet."""
        for machine in self._machines.values():
            machine.reprice(self._ledger.prices)

    def due(self, *, filed_before: float, most: int) -> Sequence[tuple[str, Meter]]:
        """Meters to store, longest unsaved first."""
        waiting = (name for name in self._changed if self._filed.get(name, float("-inf")) <= filed_before)
        names = nsmallest(most, waiting, key=lambda name: self._filed.get(name, float("-inf")))
        return [(name, meter) for name in names if (meter := self._machines[name].meter) is not None]

    def filed(self, meters: Iterable[tuple[str, Meter]], at: float) -> None:
        """Note that these were stored."""
        for name, meter in meters:
            self._filed[name] = at
            if (machine := self._machines.get(name)) is not None and machine.meter is meter:
                self._changed.discard(name)

    def ledger_due(self, *, stored_before: float, most: int) -> Sequence[MachineEnergy]:
        """Machines whose ledger should be stored, longest unsaved first."""
        waiting = (
            machine
            for name, machine in self._machines.items()
            if machine.unstored and self._counted.get(name, float("-inf")) <= stored_before
        )
        return nsmallest(most, waiting, key=lambda machine: self._counted.get(machine.device_id, float("-inf")))

    def store_ledger(self, machines: Sequence[MachineEnergy], at: float) -> None:
        """Store the ledger of some machines; a machine that another historian has counted further is dropped."""
        for device_id in self._ledger.store(machines):
            self._drop(device_id)
        for machine in machines:
            self._counted[machine.device_id] = at
        kept = [each for each in machines if each.device_id in self._machines]
        self.filed([(each.device_id, each.meter) for each in kept if each.meter is not None], at)

    def forget(self, is_known: Callable[[str], bool]) -> None:
        """Drop machines that are no longer known, once they are stored."""
        for name in [name for name in self._machines if name not in self._changed and not is_known(name)]:
            if not self._machines[name].unstored:
                self._drop(name)

    def clear(self, device_ids: Collection[str] | None = None) -> None:
        """Drop some machines, or all: what is not stored is counted again from the readings."""
        for name in list(self._machines if device_ids is None else device_ids):
            self._drop(name)

    def _new(self, device_id: str) -> MachineEnergy:
        machine = self._machines[device_id] = self._ledger.machine(device_id, None)
        return machine

    def _drop(self, name: str) -> None:
        self._machines.pop(name, None)
        self._filed.pop(name, None)
        self._counted.pop(name, None)
        self._changed.discard(name)
