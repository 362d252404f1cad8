"""All orders pass through here: checked, stored, sent to Kafka, and closed if they cannot be sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from msgspec.structs import replace

from control_api.auth.identity import Actor
from control_api.devices.rules import Machine, as_answered
from control_api.devices.service import DeviceService, unknown_device
from control_api.http.problems import Problem
from control_api.orders.metrics import OrderObserver
from control_api.orders.rules import obstacle
from energytrack.bus import Sink
from energytrack.clock import Clock, whole_milliseconds
from energytrack.errors import BusUnavailable, DeliveryFailed
from energytrack.fields import Action
from energytrack.messages import Command, encode
from energytrack.security.names import name_of
from energytrack.security.signatures import CommandSigner
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.operations.commands import (
    Commands,
    KeyTaken,
    OpenOrderExists,
    Order,
    OrderFilter,
    OrderStatus,
)
from energytrack.store.operations.locks import Locks
from energytrack.topics import COMMANDS

log = structlog.get_logger(__name__)

NOT_SENT: Final = "Kafka did not accept the order."
WORTH_KEEPING: Final = frozenset({"device_locked", "override_needed", "device_busy"})
"""Refusals that are stored: what people tried, and what prevented it."""
LOCKED_MEANWHILE: Final = "The machine was locked out before the order was sent."


@dataclass(frozen=True)
class OrderService:
    commands: Commands
    locks: Locks
    changes: ChangeCounters
    devices: DeviceService
    sink: Sink
    clock: Clock
    observer: OrderObserver
    new_id: Callable[[], str]
    order_seconds: float
    """How long a machine may take to start carrying out an order."""
    signer: CommandSigner | None = None
    """Signs commands; None if the plant has no key, and its gateways do not require signatures."""

    def new_order(
        self,
        by: Actor,
        *,
        device_id: str,
        action: Action,
        reason: str,
        override: bool = False,
        idempotency_key: str | None = None,
        batch_id: str | None = None,
        undoes: str | None = None,
    ) -> Order:
        """An order as requested; nothing is stored yet."""
        now = whole_milliseconds(self.clock.now())
        return Order(
            command_id=self.new_id(),
            device_id=device_id,
            action=action,
            reason=reason,
            requested_at=now,
            expires_at=now + timedelta(seconds=self.order_seconds),
            requested_by=by.subject,
            role=by.role,
            address=by.address,
            override=override,
            idempotency_key=idempotency_key,
            batch_id=batch_id,
            undoes=undoes,
        )

    def place(self, order: Order) -> Order:
        """Store an order and send it; raises Problem if it may not be given, DeliveryFailed without Kafka.

        An order whose idempotency key was used before is not given again: the first one is returned.
        """
        machine = self.devices.machine_without_order(order.device_id)
        if machine is None:
            raise unknown_device(order.device_id)
        earlier = self._earlier(order)
        if earlier is not None:
            return earlier
        try:
            _raise_obstacle(order, self._as_answered(machine))
            filed = self.file(order)
        except Problem as problem:
            if problem.code in WORTH_KEEPING:
                self.keep_refused(order, problem.detail)
            raise
        if filed.status != "requested" or filed.command_id not in (sent := self.send([filed])):
            return self.commands.get(filed.command_id) or filed
        placed = sent[filed.command_id]
        if placed.status == "refused" and placed.answered_at is None:
            raise Problem("device_locked", placed.detail, {"command_id": placed.command_id})
        return placed

    def _as_answered(self, machine: Machine) -> Machine:
        """The machine with its answer to the last order that it carried out."""
        done = self.commands.find(OrderFilter(device_id=machine.device_id, status="done"), limit=1)
        return as_answered(machine, done[0]) if done else machine

    def file(self, order: Order) -> Order:
        """Store an order that may be given; raises Problem if the machine has an open one."""
        try:
            self.commands.add(order)
        except KeyTaken as taken:  # by the same request, a moment ago
            return _same(order, taken.order)
        except OpenOrderExists as busy:
            raise _busy(busy) from busy
        self.observer.status_changed(order)
        return order

    def file_all(self, orders: Sequence[Order]) -> Sequence[Order]:
        """Store orders that may be given as one batch; those whose machine has an open one by now are left out."""
        filed = self.commands.add_all(orders) if orders else []
        for order in filed:
            self.observer.status_changed(order)
        return filed

    def keep_refused(self, order: Order, why: str) -> None:
        """Store an order that was refused at once, so that the person who gave it sees why, wherever they look.

        Raises Problem if there is no such machine.
        """
        if self.devices.machine_without_order(order.device_id) is None:
            raise unknown_device(order.device_id)
        refused = replace(order, status="refused", closed_at=order.requested_at, detail=why, idempotency_key=None)
        self.commands.add(refused)
        self.changes.record("orders")
        self.observer.status_changed(refused)

    def send(self, orders: Sequence[Order]) -> Mapping[str, Order]:
        """Send stored orders to Kafka; returns their new state, by id.

        Orders that Kafka does not accept are closed, so nothing is left half done. A restart of a machine that was
        locked after the check is refused: locking also looks for open orders afterwards.
        """
        refused = self._locked_meanwhile([order for order in orders if order.action == "restart"])
        sendable = [order for order in orders if order not in refused]
        for order in refused:
            self._close(order, "refused", LOCKED_MEANWHILE)
        try:
            for order in sendable:
                self.sink.put(COMMANDS, order.device_id, encode(self._signed(order.command())))
            self.sink.flush()
        except (DeliveryFailed, BusUnavailable):
            for order in sendable:
                self._close(order, "failed", NOT_SENT)
            raise
        for order in sendable:
            log.info("order sent", command_id=order.command_id, device_id=order.device_id, action=order.action,
                     requested_by=order.requested_by)  # fmt: skip
        now = self.commands.mark_sent(orders, whole_milliseconds(self.clock.now()))
        self.changes.record("orders")
        for order in now:
            if order.status == "sent":
                self.observer.status_changed(order)
        return {order.command_id: order for order in now}

    def _signed(self, command: Command) -> Command:
        return command if self.signer is None else self.signer.sign(command)

    def _locked_meanwhile(self, restarts: Sequence[Order]) -> Sequence[Order]:
        if not restarts:
            return ()
        locked = self.locks.held([order.device_id for order in restarts])
        return [order for order in restarts if order.device_id in locked]

    def _close(self, order: Order, status: OrderStatus, detail: str) -> None:
        closed = self.commands.close(order.command_id, status, at=self.clock.now(), detail=detail)
        if closed is not None:
            self.observer.status_changed(closed)

    def _earlier(self, order: Order) -> Order | None:
        if order.idempotency_key is None:
            return None
        earlier = self.commands.by_key(order.requested_by, order.idempotency_key)
        return None if earlier is None else _same(order, earlier)


def _raise_obstacle(order: Order, machine: Machine) -> None:
    prevented = obstacle(order.action, machine, override=order.override)
    if prevented is not None:
        raise Problem(
            prevented.code, prevented.detail, {"device_id": order.device_id, "overridable": prevented.overridable}
        )


def _same(order: Order, earlier: Order) -> Order:
    """The existing order of a key, if the new one asks for the same."""
    if (earlier.device_id, earlier.action, earlier.reason, earlier.override) == (
        order.device_id, order.action, order.reason, order.override,
    ):  # fmt: skip
        return earlier
    raise Problem(
        "key_reused",
        f"Idempotency key {order.idempotency_key!r} was used for {earlier.action} of {earlier.device_id} "
        "with other details; use a new key for a new order.",
        {"command_id": earlier.command_id},
    )


def _busy(busy: OpenOrderExists) -> Problem:
    if busy.order is None:
        return Problem("device_busy", f"{busy.device_id} had an open order a moment ago; try again.")
    order = busy.order
    return Problem(
        "device_busy",
        f"{order.device_id} has an open order to {order.action}, given by {name_of(order.requested_by)}; "
        "it accepts another one when that is answered or has expired.",
        {"command_id": order.command_id, "expires_at": order.expires_at},
    )
