"""Lockout/tagout: who holds which machine, and who released it; released locks are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from energytrack.errors import EnergyTrackError
from energytrack.fields import EARLIEST
from energytrack.store.link import LONG_SECONDS, Document, Link

INDEXES: Final = (
    IndexModel([("device_id", ASCENDING)], name="one_lock", unique=True, partialFilterExpression={"held": True}),
    IndexModel([("device_id", ASCENDING), ("_id", DESCENDING)], name="of_a_device"),
)


class Lock(Struct, frozen=True, kw_only=True):
    """A machine that must not be restarted remotely until its holder releases it."""

    lock_id: str
    """A ULID: sorts by time."""
    device_id: str
    holder: str
    """Who locked it: `grafana:maria`."""
    role: str
    address: str
    reason: str
    locked_at: datetime
    released_at: datetime | None = None
    released_by: str | None = None
    released_role: str | None = None
    release_reason: str | None = None
    """Set if another person than the holder released it."""


@dataclass(eq=False)
class AlreadyLocked(EnergyTrackError):
    """A machine has one lock at a time."""

    lock: Lock | None
    """None if it was released in the meantime."""

    def __str__(self) -> str:
        return "the device is locked" if self.lock is None else f"{self.lock.device_id} is held by {self.lock.holder}"


class Locks:
    """The collection `locks`; the database ensures that a device has at most one lock."""

    name: Final = "locks"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        with self._link.asking(seconds=LONG_SECONDS):
            self._link.collection(self.name).create_indexes(list(INDEXES))

    def add(self, lock: Lock) -> None:
        """Lock a machine; raises AlreadyLocked."""
        with self._link.asking():
            try:
                self._link.collection(self.name).insert_one(_document(lock))
            except DuplicateKeyError:
                pass
            else:
                return
        raise AlreadyLocked(self.of(lock.device_id))

    def of(self, device_id: str) -> Lock | None:
        """The current lock of a device; None if it is not locked."""
        return self.held([device_id]).get(device_id)

    def held(self, device_ids: Iterable[str] | None = None) -> Mapping[str, Lock]:
        """The lock of each locked device."""
        query: Document = {"held": True}
        if device_ids is not None:
            query["device_id"] = {"$in": list(device_ids)}
        with self._link.asking():
            documents = list(self._link.collection(self.name).find(query))
        locks = {each["device_id"]: _still_locked(each) for each in documents}
        return locks | {lock.device_id: lock for lock in self._link.unreadable.passed_over(self.name, documents, _lock)}

    def release(self, lock_id: str, *, by: str, role: str, at: datetime, reason: str | None) -> Lock | None:
        """Release a lock; None if another release came first."""
        fields = {
            "held": False, "released_at": at, "released_by": by, "released_role": role, "release_reason": reason,
        }  # fmt: skip
        with self._link.asking():
            document = self._link.collection(self.name).find_one_and_update(
                {"_id": lock_id, "held": True}, {"$set": fields}, return_document=ReturnDocument.AFTER
            )
        return self._link.unreadable.needed(self.name, document, _lock)

    def find(self, *, device_id: str | None = None, limit: int, before: str | None = None) -> Sequence[Lock]:
        """Locks, held and released, newest first."""
        query: Document = {} if device_id is None else {"device_id": device_id}
        if before is not None:
            query["_id"] = {"$lt": before}
        with self._link.asking():
            documents = self._link.collection(self.name).find(query).sort("_id", DESCENDING).limit(limit)
            return list(self._link.unreadable.passed_over(self.name, documents, _lock))


def _document(lock: Lock) -> Document:
    document: Document = msgspec.to_builtins(lock, builtin_types=(datetime,))
    document["_id"] = document.pop("lock_id")
    document["held"] = lock.released_at is None
    return document


def _still_locked(document: Document) -> Lock:
    """Stands in for a held lock that cannot be read: somebody may be inside the machine."""
    return Lock(
        lock_id=str(document["_id"]), device_id=document["device_id"], holder=str(document.get("holder", "?")),
        role=str(document.get("role", "?")), address=str(document.get("address", "?")),
        reason=str(document.get("reason", "?")), locked_at=EARLIEST,
    )  # fmt: skip


def _lock(document: Document) -> Lock:
    return msgspec.convert({**document, "lock_id": document["_id"]}, Lock)
