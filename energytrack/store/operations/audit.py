"""The audit log: entries are added at the end of their stream, and never changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
import pymongo
from pymongo.errors import DuplicateKeyError

from energytrack.errors import StoreUnavailable
from energytrack.security.audit import BEGINNING, REFUSED, AuditEntry
from energytrack.store.link import LONG_SECONDS, Document, Link

ATTEMPTS: Final = 100
"""How often an entry is numbered again because another replica was faster."""
REFUSALS: Final[Document] = {"$gte": REFUSED, "$lt": REFUSED[:-1] + chr(ord(REFUSED[-1]) + 1)}
"""Deeds that begin with `REFUSED`, as a range: an index's filter takes no pattern."""
INDEX: Final = pymongo.IndexModel(
    [("at", pymongo.DESCENDING)], name="refusals", partialFilterExpression={"deed": REFUSALS}
)


class Audit:
    """The collection `audit`. The key is stream and number, so the database itself decides which entry is the next."""

    name: Final = "audit"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        with self._link.asking(seconds=LONG_SECONDS):
            self._link.collection(self.name).create_indexes([INDEX])

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
                yield _entry(document)

    def refusals(self, streams: Sequence[str], *, since: datetime, limit: int) -> Sequence[AuditEntry]:
        """The newest answers that refused something, the newest first."""
        wanted: Document = {"deed": REFUSALS, "at": {"$gte": since}, "stream": {"$in": list(streams)}}
        with self._link.asking():
            found = self._link.collection(self.name).find(wanted).sort("at", pymongo.DESCENDING).limit(limit)
            return [_entry(document) for document in found]

    def _head(self, stream: str) -> tuple[int, str]:
        of_stream = {"_id": {"$gte": _key(stream, 0), "$lte": _key(stream, 10**12 - 1)}}
        newest = self._link.collection(self.name).find(of_stream).sort("_id", pymongo.DESCENDING).limit(1)
        for document in newest:
            return document["number"], document["hash"]
        return 0, BEGINNING


def _entry(document: Document) -> AuditEntry:
    del document["_id"]
    return msgspec.convert(document, AuditEntry)


def _key(stream: str, number: int) -> str:
    return f"{stream}/{number:012d}"
