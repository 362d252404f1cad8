"""The current state of machines, combined from the store, the plant file and the clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from control_api.devices.cache import PATIENCE_SECONDS, Cached, FleetCache
from control_api.devices.rules import Machine, MachineMeter, is_gone, machine_now, merged_fleet
from control_api.http.problems import Problem
from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.ledger.local_days import date_at, midnight, utc
from energytrack.ledger.presence import presences
from energytrack.ledger.sums import NOTHING
from energytrack.ledger.words import SecondsByBasis, seconds_by_basis
from energytrack.machines.state import MachineState
from energytrack.metering.words import facts_of
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.operations.commands import Order
from energytrack.store.operations.locks import Lock


@dataclass(frozen=True)
class DeviceService:
    store: Store
    plant: Plant
    clock: Clock
    silent_after: timedelta
    """For machines from which this replica has received nothing itself."""
    cache: FleetCache[tuple[MachineState, ...]]
    held: FleetCache[tuple[Mapping[str, Lock], Mapping[str, Order]]]
    """Locks and open orders."""
    gone: FleetCache[Mapping[str, datetime]] | None = None
    """Machines that were retired, renamed or removed, and when."""
    is_silent: Callable[[str], bool | None] = lambda _: None
    """The live feed's state of a machine; None if it has none."""

    def machine(self, device_id: str) -> Machine | None:
        """One machine with its open order; None if neither the plant file nor any message names it."""
        machine = self.machine_without_order(device_id)
        if machine is None:
            return None
        return replace(machine, open_order=self.store.commands.open_orders([device_id]).get(device_id))

    def require(self, device_id: str) -> Machine:
        """One machine with its open order; raises Problem if it is unknown."""
        machine = self.machine(device_id)
        if machine is None:
            raise unknown_device(device_id)
        return machine

    def meter(self, device_id: str) -> MachineMeter | None:
        """The machine's meter as last stored by the historian; None if there is none, or none available."""
        try:
            with self.store.within(PATIENCE_SECONDS):
                meter = self.store.meters.get([device_id]).get(device_id)
                return None if meter is None else MachineMeter(facts_of(meter), *self._coverage_of_today(device_id))
        except StoreUnavailable:
            return None

    def _coverage_of_today(self, device_id: str) -> tuple[SecondsByBasis, datetime | None]:
        """How today's energy is known; and since when, if the machine sent its first reading today."""
        now = self.clock.now()
        zone = self.plant.zone
        today = date_at(now.timestamp(), zone)
        day = self.store.ledger.day(device_id, today)
        if day is None:
            return seconds_by_basis(NOTHING, 0.0), None
        presence = presences(self.store.meters.reading_spans([device_id]), {}, now=now)[device_id]
        start = midnight(today, zone)
        since = utc(presence.since).astimezone(zone) if presence.since > start else None
        return seconds_by_basis(day.sums(), presence.seconds(start, now.timestamp())), since

    def machine_without_order(self, device_id: str) -> Machine | None:
        """One machine without its open order; saves a query."""
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
        """Every machine as the database has it now; decisions about bulk orders use this."""
        return self._machines(self.store.devices.all(), self.store.locks.held(), self.store.commands.open_orders())

    def cached_machines(self) -> Cached[Sequence[Machine]]:
        """Every machine, for display; readings are at most a second old, locks and orders are current.

        While the database does not answer in time, everything is the last cached value. Not for decisions.
        """
        stored, held = self.cache.get(), self.held.get()
        return Cached(self._machines(stored.value, *held.value), max(stored.age_seconds, held.age_seconds))

    def machine_to_show(self, device_id: str) -> Cached[Machine]:
        """One machine, for display, under the same conditions; raises Problem if it is unknown."""
        try:
            with self.store.within(PATIENCE_SECONDS):
                return Cached(self.require(device_id), 0.0)
        except StoreUnavailable:
            machines, age_seconds = self.cached_machines()
            for machine in machines:
                if machine.device_id == device_id:
                    return Cached(machine, age_seconds)
            raise unknown_device(device_id) from None

    def _machines(
        self, stored: Iterable[MachineState], locks: Mapping[str, Lock], orders: Mapping[str, Order]
    ) -> Sequence[Machine]:
        now = self.clock.now()
        gone = {} if self.gone is None else self.gone.get().value
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
            for device_id, latest in merged_fleet(stored, self.plant).items()
            if not is_gone(latest, gone)
        ]


def unknown_device(device_id: str) -> Problem:
    return Problem(
        "unknown_device", f"There is no device {device_id}: it is not in plant.toml, and no message has named it."
    )
