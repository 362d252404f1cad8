"""Orders: one document each in `commands`, from the request to the machine's answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from energytrack.errors import EnergyTrackError
from energytrack.events import CommandResult
from energytrack.fields import Action, State
from energytrack.messages import Command
from energytrack.store.link import LONG_SECONDS, Document, Link

OrderStatus = Literal["requested", "sent", "done", "refused", "failed", "expired"]
ORDER_STATUSES: Final[tuple[OrderStatus, ...]] = ("requested", "sent", "done", "refused", "failed", "expired")
OPEN_STATUSES: Final[frozenset[OrderStatus]] = frozenset({"requested", "sent"})


class Order(Struct, frozen=True, kw_only=True):
    """An order: who ordered what, when, why and from where, and the result."""

    command_id: str
    """A ULID: sorts by time."""
    device_id: str
    action: Action
    reason: str
    requested_at: datetime
    expires_at: datetime
    """The machine carries the order out before this time or never."""
    requested_by: str
    """How the caller signed in, and their name: `grafana:maria`."""
    role: str
    address: str
    """Network address of the request."""
    status: OrderStatus = "requested"
    override: bool = False
    """Whether the caller chose to disturb production."""
    idempotency_key: str | None = None
    batch_id: str | None = None
    """Shared by orders that were given together."""
    undoes: str | None = None
    """The order or batch whose machines this one restarts."""
    sent_at: datetime | None = None
    closed_at: datetime | None = None
    answered_at: datetime | None = None
    """When the machine answered, by its own clock; None without an answer."""
    device_state: State | None = None
    """The state that the machine reported in its answer."""
    detail: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may still have a result."""
        return self.status in OPEN_STATUSES

    def command(self) -> Command:
        """The message to the machine."""
        return Command(
            command_id=self.command_id,
            device_id=self.device_id,
            action=self.action,
            requested_by=self.requested_by,
            reason=self.reason,
            requested_at=self.requested_at,
            expires_at=self.expires_at,
        )


class OrderFilter(Struct, frozen=True, kw_only=True):
    """A filter; None does not restrict."""

    device_id: str | None = None
    action: Action | None = None
    status: OrderStatus | None = None
    requested_by: str | None = None
    batch_id: str | None = None
    undoes: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(eq=False)
class OpenOrderExists(EnergyTrackError):
    """A device has an open order already, and accepts one at a time."""

    device_id: str
    order: Order | None
    """None if it was closed in the meantime."""

    def __str__(self) -> str:
        return f"{self.device_id} has an open order"


@dataclass(eq=False)
class KeyTaken(EnergyTrackError):
    """The same caller gave an order with this idempotency key before."""

    order: Order

    def __str__(self) -> str:
        return f"the idempotency key belongs to order {self.order.command_id}"


AT_ONCE: Final = 200
"""How many orders are stored in one round trip."""
INDEXES: Final = (
    IndexModel([("device_id", ASCENDING)], name="one_open_order", unique=True, partialFilterExpression={"open": True}),
    IndexModel(
        [("requested_by", ASCENDING), ("idempotency_key", ASCENDING)],
        name="one_order_per_key",
        unique=True,
        partialFilterExpression={"idempotency_key": {"$type": "string"}},
    ),
    IndexModel([("device_id", ASCENDING), ("_id", DESCENDING)], name="of_a_device"),
    IndexModel([("batch_id", ASCENDING)], name="of_a_batch", sparse=True),
    IndexModel([("open", ASCENDING), ("expires_at", ASCENDING)], name="overdue"),
)


class Commands:
    """The collection `commands`, kept permanently; the database ensures that a device has at most one open order."""

    name: Final = "commands"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        with self._link.asking(seconds=LONG_SECONDS):
            self._link.collection(self.name).create_indexes(list(INDEXES))

    def add(self, order: Order) -> None:
        """Store a new order; raises OpenOrderExists or KeyTaken."""
        with self._link.asking():
            try:
                self._link.collection(self.name).insert_one(_document(order))
            except DuplicateKeyError:
                pass
            else:
                return
        if order.idempotency_key is not None:
            earlier = self.by_key(order.requested_by, order.idempotency_key)
            if earlier is not None:
                raise KeyTaken(earlier)
        raise OpenOrderExists(order.device_id, self.open_orders([order.device_id]).get(order.device_id))

    def add_all(self, orders: Sequence[Order]) -> Sequence[Order]:
        """Store new orders, hundreds in a round trip; returns those that were stored.

        The others' devices have an open order already.
        """
        stored: list[Order] = []
        for together in batched(orders, AT_ONCE):
            taken = self._link.insert(self.name, [_document(order) for order in together])
            stored += [order for place, order in enumerate(together) if place not in taken]
        return stored

    def get(self, command_id: str) -> Order | None:
        return self._find_one({"_id": command_id})

    def by_key(self, requested_by: str, key: str) -> Order | None:
        """A caller's order with an idempotency key; None if there is none."""
        return self._find_one({"requested_by": requested_by, "idempotency_key": key})

    def find(self, wanted: OrderFilter, *, limit: int = 0, before: str | None = None) -> Sequence[Order]:
        """Orders, newest first, at most `limit` (0: all); `before` is the last id of the previous page."""
        query = _query(wanted)
        if before is not None:
            query["_id"] = {"$lt": before}
        return self._find_many(query, limit=limit)

    def open_orders(self, device_ids: Iterable[str] | None = None) -> Mapping[str, Order]:
        """The open order of each device that has one."""
        query: Document = {"open": True}
        if device_ids is not None:
            query["device_id"] = {"$in": list(device_ids)}
        return {order.device_id: order for order in self._find_many(query)}

    def mark_sent(self, orders: Sequence[Order], at: datetime) -> Sequence[Order]:
        """Mark orders as sent, that is acknowledged by Kafka; those already answered do not change.

        Returns all of them. Does not wait for the disk: an order whose mark is lost is sent again, and its machine
        recognizes it by its id.
        """
        mark: Document = {"$set": {"status": "sent", "sent_at": at}}
        marked = 0
        for together in batched(orders, AT_ONCE):
            updates = [UpdateOne({"_id": order.command_id, "status": "requested"}, mark) for order in together]
            marked += self._link.update(self.name, updates)
        if marked == len(orders):
            return [replace(order, status="sent", sent_at=at) for order in orders]
        return self._again(orders)

    def close(self, command_id: str, status: OrderStatus, *, at: datetime, detail: str) -> Order | None:
        """Close an order that is still open; None if it was not."""
        return self._change(
            {"_id": command_id, "open": True}, {"status": status, "open": False, "closed_at": at, "detail": detail}
        )

    def answer(self, result: CommandResult, *, at: datetime) -> Order | None:
        """Store a machine's first answer; None for an unknown order and for every further answer.

        An answer that arrives after the order has expired corrects it: the machine knows better.
        """
        return self._change(
            {"_id": result.command_id, "device_id": result.device_id, "answered_at": None},
            {
                "status": result.outcome,
                "open": False,
                "closed_at": at,
                "answered_at": result.timestamp,
                "device_state": result.state,
                "detail": result.detail,
            },
        )

    def overdue(self, before: datetime) -> Sequence[Order]:
        """Open orders that expired before a time."""
        return self._find_many({"open": True, "expires_at": {"$lt": before}})

    def unsent(self, before: datetime) -> Sequence[Order]:
        """Orders requested before a time that never reached Kafka, because the service died in between."""
        return self._find_many({"open": True, "status": "requested", "requested_at": {"$lt": before}})

    def _again(self, orders: Sequence[Order]) -> Sequence[Order]:
        """The same orders as they are now, newest first.

        Queried by the range of their ids, which sort by time: SecantusDB compares each document with each id of a list,
        which took 20 s for 2,000 orders.
        """
        ids = {order.command_id for order in orders}
        found = self._find_many({"_id": {"$gte": min(ids), "$lte": max(ids)}}) if ids else ()
        return [order for order in found if order.command_id in ids]

    def _find_one(self, query: Document) -> Order | None:
        with self._link.asking():
            document = self._link.collection(self.name).find_one(query)
        return self._link.unreadable.needed(self.name, document, _order)

    def _find_many(self, query: Document, *, limit: int = 0) -> Sequence[Order]:
        with self._link.asking():
            documents = self._link.collection(self.name).find(query).sort("_id", DESCENDING).limit(limit)
            return list(self._link.unreadable.passed_over(self.name, documents, _order))

    def _change(self, query: Document, fields: Document) -> Order | None:
        with self._link.asking():
            document = self._link.collection(self.name).find_one_and_update(
                query, {"$set": fields}, return_document=ReturnDocument.AFTER
            )
        return self._link.unreadable.needed(self.name, document, _order)


def batched(orders: Sequence[Order], size: int) -> Iterator[Sequence[Order]]:
    """The orders in parts of at most this size."""
    for first in range(0, len(orders), size):
        yield orders[first : first + size]


def _query(wanted: OrderFilter) -> Document:
    query: Document = {
        name: value
        for name in ("device_id", "action", "status", "requested_by", "batch_id", "undoes")
        if (value := getattr(wanted, name)) is not None
    }
    window = {
        operator: moment for operator, moment in (("$gte", wanted.since), ("$lt", wanted.until)) if moment is not None
    }
    if window:
        query["requested_at"] = window
    return query


def _document(order: Order) -> Document:
    document: Document = msgspec.to_builtins(order, builtin_types=(datetime,))
    document["_id"] = document.pop("command_id")
    document["open"] = order.is_open
    return document


def _order(document: Document) -> Order:
    return msgspec.convert({**document, "command_id": document["_id"]}, Order)
