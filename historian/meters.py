"""The meters of the machines that this historian files: taken up from the store, moved on, and brought back to it."""

from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest
from typing import Final

from energytrack.messages import Reading
from energytrack.metering.step import step
from energytrack.metering.values import Meter, Step
from energytrack.plant import Plant
from energytrack.store import Store

AT_ONCE: Final = 1000
LOAD_SECONDS: Final = 5.0
"""The driver goes on trying to read for as long as it may; a service that is told to stop must not wait for that."""
Persist = Callable[[Callable[[], None]], None]


class Meters:
    """Meters by machine. What the store holds may be some seconds behind: a register brings what was used since."""

    def __init__(self, store: Store, plant: Plant, *, persist: Persist) -> None:
        self._store = store
        self._plant = plant
        self._persist = persist
        self._meters: dict[str, Meter | None] = {}
        self._filed: dict[str, float] = {}
        self._changed: set[str] = set()

    def load(self, device_ids: Iterable[str]) -> None:
        """Take up the meters of machines that are new here, some at a time, however long the store is away."""
        unknown = sorted(set(device_ids) - self._meters.keys())
        if not unknown:
            return

        for start in range(0, len(unknown), AT_ONCE):
            some = unknown[start : start + AT_ONCE]

            def action(some: Sequence[str] = some) -> None:
                with self._store.within(LOAD_SECONDS):
                    self._meters.update(dict.fromkeys(some) | dict(self._store.meters.get(some)))

            self._persist(action)

    def take(self, reading: Reading) -> Step:
        """Move a machine's meter on by one reading."""
        device_id = reading.device_id
        before = self._meters.get(device_id)
        taken = step(before, reading, self._plant.limits(device_id, reading.device_type))
        if taken.meter is not before:
            self._meters[device_id] = taken.meter
            self._changed.add(device_id)
        return taken

    def due(self, *, filed_before: float, most: int) -> Sequence[tuple[str, Meter]]:
        """Meters that the store should be brought, those first that it was not brought for longest."""
        waiting = (name for name in self._changed if self._filed.get(name, float("-inf")) <= filed_before)
        names = nsmallest(most, waiting, key=lambda name: self._filed.get(name, float("-inf")))
        return [(name, meter) for name in names if (meter := self._meters[name]) is not None]

    def filed(self, meters: Iterable[tuple[str, Meter]], at: float) -> None:
        """Note that the store was brought these."""
        for name, meter in meters:
            self._filed[name] = at
            if self._meters.get(name) is meter:
                self._changed.discard(name)

    def forget(self, known: Callable[[str], bool]) -> None:
        """Let go of meters of machines that are not known any more, once the store has them."""
        for name in [name for name in self._meters if name not in self._changed and not known(name)]:
            del self._meters[name]
            self._filed.pop(name, None)
