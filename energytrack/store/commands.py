"""Orders to machines, from the moment somebody gave them until the machine answered or the time ran out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct
from pymongo import DESCENDING, UpdateOne

from energytrack.messages import Command, CommandResult, State
from energytrack.store.link import Document, Link

Status = Literal["requested", "sent", "done", "refused", "failed", "expired"]
OPEN: Final[tuple[Status, ...]] = ("requested", "sent")


class Order(Struct, frozen=True):
    """A command and what became of it."""

    command: Command
    status: Status = "requested"
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    """The machine's own time of its answer; for `expired` without an answer, when that was noticed."""
    state: State | None = None
    """The machine's state after its answer."""
    detail: str = ""
    """The machine's words, or ours where it never answered."""


class Commands:
    """The collection `commands`, kept for good: who ordered what, when, why, and what the machine answered."""

    name: Final = "commands"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Create the indexes."""
        self._link.prepare_index(self.name, "command.device_id", "command.requested_at")
        self._link.prepare_index(self.name, "command.requested_at")
        self._link.prepare_index(self.name, "status", "command.expires_at")

    def add(self, command: Command) -> None:
        """Note an order before it is sent; one that is there already stays as it is."""
        order: Document = msgspec.to_builtins(Order(command), builtin_types=(datetime,))
        self._link.insert(self.name, [{"_id": command.command_id, **order}])

    def sent(self, command_id: str, at: datetime) -> None:
        """Note that the broker has it; an answer that was quicker stays."""
        guard = {"_id": command_id, "status": "requested"}
        with self._link.asking():
            self._link.collection(self.name).update_one(guard, {"$set": {"status": "sent", "sent_at": at}})

    def resolve(self, answers: Sequence[CommandResult]) -> None:
        """Note machines' answers, in one round trip; the first answer to an order holds."""
        self._link.write(
            self.name,
            [
                UpdateOne(
                    {"_id": answer.command_id, "answered_at": None},
                    {
                        "$set": {
                            "status": answer.outcome,
                            "answered_at": answer.timestamp,
                            "state": answer.state,
                            "detail": answer.detail,
                        }
                    },
                )
                for answer in answers
            ],
        )

    def expire(self, *, before: datetime, at: datetime) -> int:
        """Close open orders that nobody answered although they ran out before `before`; returns how many."""
        closed = {"status": "expired", "answered_at": at, "detail": "the machine never answered"}
        count = 0
        for status in OPEN:
            with self._link.asking():
                count += (
                    self._link.collection(self.name)
                    .update_many({"status": status, "command.expires_at": {"$lt": before}}, {"$set": closed})
                    .modified_count
                )
        return count

    def get(self, command_id: str) -> Order | None:
        """One order."""
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": command_id})
        return None if document is None else _order(document)

    def recent(self, limit: int, *, device_id: str | None = None) -> tuple[Order, ...]:
        """The last orders, to one machine or to all, newest first."""
        wanted = {} if device_id is None else {"command.device_id": device_id}
        with self._link.asking():
            found = self._link.collection(self.name).find(wanted).sort("command.requested_at", DESCENDING).limit(limit)
            return tuple(_order(document) for document in found)


def _order(document: Document) -> Order:
    return msgspec.convert(document, Order)
