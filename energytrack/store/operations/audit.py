"""The audit log: entries are added at the end of their stream, and never changed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec
import pymongo
from pymongo.errors import DuplicateKeyError

from energytrack.errors import StoreUnavailable
from energytrack.security.audit import BEGINNING, AuditEntry
from energytrack.store.link import Document, Link

ATTEMPTS: Final = 100
"""How often an entry is numbered again because another replica was faster."""


class Audit:
    """The collection `audit`. The key is stream and number, so the database itself decides which entry is the next."""

    name: Final = "audit"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: entries are found by their key."""

    def append(
        self, stream: str, *, at: datetime, subject: str, role: str, address: str, deed: str, details: str
    ) -> AuditEntry:
        """Add an entry; returns when it is on disk. Raises StoreUnavailable if it cannot be added."""
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        with self._link.asking():
            for _ in range(ATTEMPTS):
                number, previous = self._head(stream)
                entry = AuditEntry(
                    stream=stream, number=number + 1, at=at, subject=subject, role=role, address=address, deed=deed,
                    details=details, previous=previous,
                ).sealed()  # fmt: skip
                document: Document = msgspec.to_builtins(entry, builtin_types=(datetime,))
                try:
                    self._link.collection(self.name).insert_one({"_id": _key(stream, entry.number), **document})
                except DuplicateKeyError:
                    continue
                return entry
        raise StoreUnavailable(self._link.address, f"{ATTEMPTS} other entries of {stream!r} came first")

    def entries(self) -> Iterator[AuditEntry]:
        """All entries, in order within each stream."""
        documents = self._link.collection(self.name).find().sort("_id", pymongo.ASCENDING)
        with self._link.asking():
            for document in documents:
                del document["_id"]
                yield msgspec.convert(document, AuditEntry)

    def _head(self, stream: str) -> tuple[int, str]:
        of_stream = {"_id": {"$gte": _key(stream, 0), "$lte": _key(stream, 10**12 - 1)}}
        newest = self._link.collection(self.name).find(of_stream).sort("_id", pymongo.DESCENDING).limit(1)
        for document in newest:
            return document["number"], document["hash"]
        return 0, BEGINNING


def _key(stream: str, number: int) -> str:
    return f"{stream}/{number:012d}"
