"""Retires, renames and removes machines, records who did it and why, and notifies all services."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from control_api.auth.identity import Actor
from control_api.devices.service import DeviceService
from control_api.http.problems import Problem
from control_api.machines.rules import unknown_machines
from energytrack.bus import Sink
from energytrack.clock import Clock, whole_milliseconds
from energytrack.events import MachineRetired
from energytrack.machines.state import MachineState
from energytrack.messages import encode
from energytrack.plant import Plant
from energytrack.store import Store
from energytrack.store.operations.machines import Deed, MachineRecord
from energytrack.topics import EVENTS


@dataclass(frozen=True)
class MachineService:
    store: Store
    devices: DeviceService
    plant: Plant
    sink: Sink
    clock: Clock
    new_id: Callable[[], str]

    def retire(self, device_id: str, *, by: Actor, reason: str) -> MachineRecord:
        """Take a machine out of fleet, metrics and alerts; its history stays, and it returns when it sends again."""
        self.devices.require(device_id)
        record = self._record(device_id, "retired", by, reason)
        self._publish(record)
        self.store.machines.put(record)
        self.store.machines.forget_latest(device_id)
        return record

    def rename(self, device_id: str, *, to: str, by: Actor, reason: str) -> MachineRecord:
        """Give a machine's history another id."""
        self.devices.require(device_id)
        if to == device_id:
            raise Problem("invalid_request", f"{device_id} has this id already.")
        if to in self.plant.meters:
            raise Problem(
                "invalid_request",
                f"{to} is a plant meter in plant.toml, not a machine, and its energy is kept separately.",
            )
        self._refuse_open_order(device_id)
        record = self._record(device_id, "renamed", by, reason, to=to)
        self._publish(record)
        self.store.machines.put(record)  # a backup sees that it is under way
        changed = self.store.machines.rename(device_id, to)
        self.store.edition.rise()
        return self._filed(record, changed)

    def remove(self, device_id: str, *, by: Actor, reason: str) -> MachineRecord:
        """Delete an unlisted machine and all its records; machines of the plant file are refused."""
        self.devices.require(device_id)
        if self.plant.device(device_id) is not None:
            raise Problem("machine_listed", f"{device_id} is in plant.toml: remove it there first, or retire it.")
        self._refuse_open_order(device_id)
        record = self._record(device_id, "removed", by, reason)
        self._publish(record)
        self.store.machines.put(record)
        deleted = self.store.machines.remove(device_id)
        self.store.edition.rise()
        return self._filed(record, deleted)

    def unknown(self) -> Sequence[MachineState]:
        """Machines that send but are not in the plant file."""
        return unknown_machines(self.store.devices.all(), self.plant)

    def _refuse_open_order(self, device_id: str) -> None:
        if self.store.commands.open_orders([device_id]):
            raise Problem("device_busy", f"{device_id} has an open order: wait until the machine has answered.")
        if self.store.locks.of(device_id) is not None:
            raise Problem("device_locked", f"{device_id} is locked out: the lock has to be released first.")

    def _record(self, device_id: str, deed: Deed, by: Actor, why: str, *, to: str | None = None) -> MachineRecord:
        at = whole_milliseconds(self.clock.now())
        return MachineRecord(self.new_id(), device_id, deed, by.subject, at, why, to)

    def _publish(self, record: MachineRecord) -> None:
        event = MachineRetired(
            event_id=record.record_id, device_id=record.device_id, timestamp=record.at, by=record.by, reason=record.why
        )
        self.sink.put(EVENTS, record.device_id, encode(event))
        self.sink.flush()

    def _filed(self, record: MachineRecord, documents: Mapping[str, int]) -> MachineRecord:
        filed: MachineRecord = replace(record, documents=documents)
        self.store.machines.put(filed)
        return filed
