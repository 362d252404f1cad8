"""Keeps machines in memory: up to a limit, and only while they send."""

from collections.abc import Iterable, Iterator
from heapq import nsmallest

from msgspec.structs import replace

from historian.fold import KnownMachine


class MachineCache:
    """Machines by id, in the order in which they last sent."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._machines: dict[str, KnownMachine] = {}

    def __len__(self) -> int:
        return len(self._machines)

    def __iter__(self) -> Iterator[KnownMachine]:
        return iter(self._machines.values())

    def get(self, device_id: str) -> KnownMachine | None:
        """The machine, if it is known."""
        return self._machines.get(device_id)

    def put(self, machine: KnownMachine) -> None:
        """Note a machine that sent a message; above the limit, the one that has been silent longest is forgotten."""
        machines = self._machines
        machines.pop(machine.latest.device_id, None)
        machines[machine.latest.device_id] = machine
        while len(machines) > self._most:
            del machines[next(iter(machines))]

    def drop(self, device_id: str) -> None:
        self._machines.pop(device_id, None)

    def forget(self, *, last_before: float) -> int:
        """Forget machines that were silent since then; returns how many."""
        silent = [name for name, machine in self._machines.items() if machine.arrived < last_before]
        for name in silent:
            del self._machines[name]
        return len(silent)

    def due(self, *, shown_before: float, most: int) -> list[KnownMachine]:
        """Machines whose latest state should be stored: changed ones first, then the longest due."""
        waiting = (m for m in self if m.stale and (m.changed or m.shown <= shown_before))
        return nsmallest(most, waiting, key=lambda machine: (not machine.changed, machine.shown))

    def marked_written(self, machines: Iterable[KnownMachine], at: float) -> None:
        """Note that the states of these machines are stored."""
        for machine in machines:
            self._machines[machine.latest.device_id] = replace(machine, shown=at, stale=False, changed=False)
