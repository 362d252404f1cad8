"""Where the facts about machines come together: the store, the plant file and the clock."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from control_api.devices.cache import FleetCache
from control_api.devices.rules import Machine, machine_now
from control_api.devices.rules import merged_fleet as known
from control_api.orders.rules import Situation, situation_of
from energytrack.clock import Clock
from energytrack.machine_state import MachineState
from energytrack.plant import Plant
from energytrack.store import Store


@dataclass(frozen=True)
class DeviceService:
    """What is known of machines now."""

    store: Store
    plant: Plant
    clock: Clock
    silent_after: timedelta
    """For machines that this replica has not heard itself."""
    glance: FleetCache
    is_silent: Callable[[str], bool | None] = lambda _: None
    """What the live feed knows of a machine; None where it has not heard it."""

    def machine(self, device_id: str) -> Machine | None:
        """One machine; None where neither the plant file nor any message has named it."""
        found = self._machine(device_id)
        if found is None:
            return None
        return replace(found, open_order=self.store.commands.open_orders([device_id]).get(device_id))

    def _machine(self, device_id: str) -> Machine | None:
        """One machine, without its open order."""
        latest = self.store.devices.get(device_id)
        if latest is None:
            if self.plant.device(device_id) is None:
                return None
            latest = MachineState(device_id)
        return machine_now(
            latest,
            plant=self.plant,
            now=self.clock.now(),
            silent_after=self.silent_after,
            lock=self.store.locks.of(device_id),
            open_order=None,
            silent=self.is_silent(device_id),
        )

    def machines(self) -> Sequence[Machine]:
        """Every machine, as it is on file now: what an order to many is judged by."""
        return self._machines(self.store.devices.all())

    def cached_machines(self) -> Sequence[Machine]:
        """Every machine, its readings as of a second ago at most; locks and orders as they are now."""
        return self._machines(self.glance.all())

    def _machines(self, stored: Iterable[MachineState]) -> Sequence[Machine]:
        now = self.clock.now()
        locks, orders = self.store.locks.held(), self.store.commands.open_orders()
        return [
            machine_now(
                latest,
                plant=self.plant,
                now=now,
                silent_after=self.silent_after,
                lock=locks.get(device_id),
                open_order=orders.get(device_id),
                silent=self.is_silent(device_id),
            )
            for device_id, latest in known(stored, self.plant).items()
        ]

    def of(self, device_id: str) -> Situation | None:
        """One machine as far as an order to it is concerned; that it has one open, the database sees to."""
        machine = self._machine(device_id)
        return None if machine is None else situation_of(machine)
