"""/api/devices/<id>/lock and /api/locks: lockout/tagout, as far as remote restarts go."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from control_api.auth.current import who
from control_api.auth.identity import Identity
from control_api.devices.service import DeviceService
from control_api.http.csv_export import CSV_RESPONSE, MAX_ROWS, table
from control_api.http.problems import Problem
from control_api.http.replies import reply
from control_api.http.schemas import (
    DeviceId,
    DevicePath,
    LockResponse,
    OrderResponse,
    PageSize,
    Reason,
    RequestModel,
    ResponseModel,
    lock_response,
    order_response,
)
from energytrack.clock import Clock
from energytrack.store.operations.commands import Commands, Order
from energytrack.store.operations.locks import AlreadyLocked, Lock, Locks


class LockRequest(RequestModel):
    """Lock a machine out."""

    reason: Reason


class ReleaseQuery(RequestModel):
    """Let a machine go."""

    reason: str | None = Field(None, min_length=1, max_length=500, description="Needed from whoever is not its holder")


class LocksQuery(RequestModel):
    """Which locks, newest first."""

    device_id: DeviceId | None = None
    limit: PageSize = 50
    before: str | None = Field(None, max_length=64, description="`next` of the page before")


class LockedResponse(ResponseModel):
    """A machine that was locked just now."""

    lock: LockResponse
    open_restart: OrderResponse | None = Field(
        description="A restart that was under way already; it may still take effect, so wait for its end"
    )


class LocksResponse(ResponseModel):
    """A page of locks, held and released."""

    locks: list[LockResponse]
    next: str | None


@dataclass(frozen=True)
class LockService:
    """Locks machines and lets them go."""

    locks: Locks
    commands: Commands
    situations: DeviceService
    clock: Clock
    new_id: Callable[[], str]

    def lock(self, device_id: str, *, by: Identity, address: str, reason: str) -> tuple[Lock, Order | None]:
        """Lock a machine; returns the restart too that was under way already, where there is one."""
        if self.situations.machine(device_id) is None:
            raise Problem("unknown_device", f"Nobody has heard of a device {device_id}.")
        lock = Lock(
            lock_id=self.new_id(),
            device_id=device_id,
            holder=by.subject,
            role=by.role,
            address=address,
            reason=reason,
            locked_at=self.clock.now(),
        )
        try:
            self.locks.add(lock)
        except AlreadyLocked as held:
            holder = "somebody" if held.lock is None else held.lock.holder
            raise Problem("device_locked", f"{device_id} is locked out by {holder} already.") from held
        order = self.commands.open_orders([device_id]).get(device_id)
        return lock, order if order is not None and order.action == "restart" else None

    def release(self, device_id: str, *, by: Identity, reason: str | None) -> Lock:
        """Let a machine go: its holder, or an administrator with a reason, which is kept."""
        lock = self.locks.of(device_id)
        if lock is None:
            raise Problem("not_locked", f"{device_id} is not locked out.")
        if by.subject != lock.holder:
            if by.role != "Admin":
                raise Problem("not_holder", f"Only {lock.holder}, or an administrator, releases {device_id}.")
            if reason is None:
                raise Problem("reason_needed", f"{lock.holder} holds the lock; say why you release it for them.")
        released = self.locks.release(lock.lock_id, by=by.subject, role=by.role, at=self.clock.now(), reason=reason)
        if released is None:
            raise Problem("not_locked", f"{device_id} was released by somebody else a moment ago.")
        return released


def locks_blueprint(lockout: LockService) -> APIBlueprint:
    """The routes."""
    api = APIBlueprint("locks", __name__, url_prefix="/api", abp_tags=[Tag(name="lockout/tagout")])

    @api.post("/devices/<string:device_id>/lock", summary="Lock a machine out", responses={201: LockedResponse})
    def lock(path: DevicePath, body: LockRequest) -> Response:
        made, restart = lockout.lock(path.device_id, by=who(), address=request.remote_addr or "", reason=body.reason)
        given = LockedResponse(
            lock=lock_response(made), open_restart=None if restart is None else order_response(restart)
        )
        return reply(given, HTTPStatus.CREATED)

    @api.delete("/devices/<string:device_id>/lock", summary="Let a machine go", responses={200: LockResponse})
    def release(path: DevicePath, query: ReleaseQuery) -> Response:
        return reply(lock_response(lockout.release(path.device_id, by=who(), reason=query.reason)))

    @api.get("/locks", summary="List locks, held and released", responses={200: LocksResponse})
    def list_locks(query: LocksQuery) -> Response:
        found = lockout.locks.find(device_id=query.device_id, limit=query.limit + 1, before=query.before)
        page, more = found[: query.limit], len(found) > query.limit
        return reply(LocksResponse(locks=[lock_response(one) for one in page], next=page[-1].lock_id if more else None))

    @api.get("/locks.csv", summary="Export locks", responses={200: CSV_RESPONSE})
    def export_locks(query: LocksQuery) -> Response:
        return table("locks", Lock, lockout.locks.find(device_id=query.device_id, limit=MAX_ROWS, before=query.before))

    return api
