"""The order desk: takes orders in, files them, sends them, and says what came of each step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from msgspec import Struct

from control_api.devices.service import DeviceService
from control_api.http.problems import Problem
from control_api.orders.metrics import OrderObserver
from control_api.orders.rules import Situation, obstacle
from energytrack.bus import Sink
from energytrack.clock import Clock, whole_milliseconds
from energytrack.errors import BusUnavailable, DeliveryFailed
from energytrack.messages import Action, encode
from energytrack.store.operations.changes import ChangeCounters
from energytrack.store.operations.commands import Commands, KeyTaken, OpenOrderExists, Order, OrderStatus
from energytrack.store.operations.locks import Locks
from energytrack.topics import COMMANDS

log = structlog.get_logger(__name__)

NOT_SENT: Final = "Kafka did not take the order."
LOCKED_MEANWHILE: Final = "The machine was locked out before the order was sent."


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody wants done, and who it is."""

    device_id: str
    action: Action
    reason: str
    requested_by: str
    role: str
    address: str
    override: bool = False
    idempotency_key: str | None = None
    batch_id: str | None = None
    undoes: str | None = None


@dataclass(frozen=True)
class OrderService:
    """Where every order passes, whoever gives it."""

    commands: Commands
    locks: Locks
    changes: ChangeCounters
    situations: DeviceService
    sink: Sink
    clock: Clock
    news: OrderObserver
    new_id: Callable[[], str]
    order_seconds: float

    def place(self, wish: Wish) -> Order:
        """File an order and hand it to Kafka; raises Problem where it may not be given, DeliveryFailed without Kafka.

        An order with an idempotency key that was used before is not given again: the first one is returned.
        """
        situation = self.situations.of(wish.device_id)
        if situation is None:
            raise Problem("unknown_device", f"Nobody has heard of a device {wish.device_id}.")
        earlier = self._earlier(wish)
        if earlier is not None:
            return earlier
        _raise_obstacle(wish, situation)
        order = self.file(wish)
        if order.status != "requested" or order.command_id not in (sent := self.send([order])):
            return self.commands.get(order.command_id) or order
        placed = sent[order.command_id]
        if placed.status == "refused" and placed.answered_at is None:
            raise Problem("device_locked", placed.detail, {"command_id": placed.command_id})
        return placed

    def file(self, wish: Wish) -> Order:
        """Note an order that may be given; raises Problem where the machine has an open one."""
        order = self._ordered(wish)
        try:
            self.commands.add(order)
        except KeyTaken as taken:  # by the same request, a moment ago
            return _same(wish, taken.order)
        except OpenOrderExists as busy:
            raise _busy(busy) from busy
        self.news.status_changed(order)
        return order

    def send(self, orders: Sequence[Order]) -> Mapping[str, Order]:
        """Hand filed orders to Kafka; returns them as they are then, by id.

        Those that Kafka does not take are closed, so that nothing stays half done. A restart of a machine that was
        locked since the judgement is refused: whoever locks a machine looks for open orders after locking.
        """
        refused = self._locked_meanwhile([order for order in orders if order.action == "restart"])
        sendable = [order for order in orders if order not in refused]
        for order in refused:
            self._close(order, "refused", LOCKED_MEANWHILE)
        try:
            for order in sendable:
                self.sink.put(COMMANDS, order.device_id, encode(order.command()))
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
                self.news.status_changed(order)
        return {order.command_id: order for order in now}

    def _locked_meanwhile(self, restarts: Sequence[Order]) -> Sequence[Order]:
        if not restarts:
            return ()
        locked = self.locks.held([order.device_id for order in restarts])
        return [order for order in restarts if order.device_id in locked]

    def _close(self, order: Order, status: OrderStatus, detail: str) -> None:
        closed = self.commands.close(order.command_id, status, at=self.clock.now(), detail=detail)
        if closed is not None:
            self.news.status_changed(closed)

    def _earlier(self, wish: Wish) -> Order | None:
        if wish.idempotency_key is None:
            return None
        order = self.commands.by_key(wish.requested_by, wish.idempotency_key)
        return None if order is None else _same(wish, order)

    def _ordered(self, wish: Wish) -> Order:
        now = whole_milliseconds(self.clock.now())
        return Order(
            command_id=self.new_id(),
            device_id=wish.device_id,
            action=wish.action,
            reason=wish.reason,
            requested_at=now,
            expires_at=now + timedelta(seconds=self.order_seconds),
            requested_by=wish.requested_by,
            role=wish.role,
            address=wish.address,
            override=wish.override,
            idempotency_key=wish.idempotency_key,
            batch_id=wish.batch_id,
            undoes=wish.undoes,
        )


def _raise_obstacle(wish: Wish, situation: Situation) -> None:
    found = obstacle(wish.action, situation, override=wish.override)
    if found is not None:
        raise Problem(found.code, found.detail, {"device_id": wish.device_id, "overridable": found.overridable})


def _same(wish: Wish, order: Order) -> Order:
    """The order that a key belongs to, if it is the same order once more."""
    if (order.device_id, order.action, order.reason, order.override) == (
        wish.device_id, wish.action, wish.reason, wish.override,
    ):  # fmt: skip
        return order
    raise Problem(
        "key_reused",
        f"Idempotency key {wish.idempotency_key!r} was used for {order.action} of {order.device_id}, "
        "with other details; use a new key for a new order.",
        {"command_id": order.command_id},
    )


def _busy(busy: OpenOrderExists) -> Problem:
    if busy.order is None:
        return Problem("device_busy", f"{busy.device_id} had an open order a moment ago; try again.")
    order = busy.order
    return Problem(
        "device_busy",
        f"{order.device_id} has an open order to {order.action}, given by {order.requested_by}; "
        "it takes another when that one is answered or expired.",
        {"command_id": order.command_id, "expires_at": order.expires_at},
    )
