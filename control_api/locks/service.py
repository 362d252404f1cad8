"""Locks machines against restarts, and releases them; the database ensures at most one lock per machine."""

from collections.abc import Callable
from dataclasses import dataclass

from control_api.auth.identity import Actor
from control_api.devices.service import DeviceService
from control_api.http.problems import Problem
from control_api.locks.rules import refusal
from energytrack.clock import Clock
from energytrack.security.names import name_of
from energytrack.store.operations.commands import Commands, Order
from energytrack.store.operations.locks import AlreadyLocked, Lock, Locks


@dataclass(frozen=True)
class LockService:
    locks: Locks
    commands: Commands
    devices: DeviceService
    clock: Clock
    new_id: Callable[[], str]

    def lock(self, device_id: str, *, by: Actor, reason: str) -> tuple[Lock, Order | None]:
        """Lock a machine; returns the lock, and the restart that was already in progress, if there is one."""
        self.devices.require(device_id)
        lock = Lock(
            lock_id=self.new_id(),
            device_id=device_id,
            holder=by.subject,
            role=by.role,
            address=by.address,
            reason=reason,
            locked_at=self.clock.now(),
        )
        try:
            self.locks.add(lock)
        except AlreadyLocked as held:
            holder = "another person" if held.lock is None else name_of(held.lock.holder)
            raise Problem("device_locked", f"{device_id} is already locked out by {holder}.") from held
        order = self.commands.open_orders([device_id]).get(device_id)
        return lock, order if order is not None and order.action == "restart" else None

    def release(self, device_id: str, *, by: Actor, reason: str | None) -> Lock:
        """Release a machine; the reason of an administrator who does it for the holder is stored."""
        lock = self.locks.of(device_id)
        if lock is None:
            raise Problem("not_locked", f"{device_id} is not locked out.")
        refused = refusal(lock, by=by, reason=reason)
        if refused is not None:
            raise refused
        released = self.locks.release(lock.lock_id, by=by.subject, role=by.role, at=self.clock.now(), reason=reason)
        if released is None:
            raise Problem("not_locked", f"{device_id} was released by another person a moment ago.")
        return released
