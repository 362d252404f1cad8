"""The audit log's entries: each carries the hash of the one before it, so that a change or a gap is noticed.

Pure. A chain proves that its entries are unchanged. Only a head (number and hash) that was noted elsewhere, such as in
the control API's log, proves that its end was not cut off.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

BEGINNING: Final = "0" * 64
"""The value in the first entry of a stream instead of a hash."""
REFUSED: Final = "refused "
"""The beginning of the deed of an entry that records why an earlier entry's request was refused."""


class RefusedRequest(Struct, frozen=True, kw_only=True):
    """Why a request was refused: the details of its second entry."""

    action: str
    """What was asked for: the name of the route."""
    device_id: str = ""
    """Empty if the request was not about one machine."""
    code: str
    detail: str
    """The sentence that the caller got."""


class AuditEntry(Struct, frozen=True, kw_only=True):
    """A request that changes something: who, what, when, and the response."""

    stream: str
    """One chain for each kind of thing: `orders`, `locks`, `alarms`, …"""
    number: int
    """1 for the first of its stream."""
    at: datetime
    """In milliseconds, as the database keeps it."""
    subject: str
    role: str
    address: str
    deed: str
    """The request's method and path, or the command; after `REFUSED` if this entry is the answer to it."""
    details: str
    """The request's body as it arrived, or a `RefusedRequest` in JSON."""
    previous: str
    """The hash of the entry before it."""
    hash: str = ""

    def sealed(self) -> "AuditEntry":
        """The same entry with its hash."""
        return msgspec.structs.replace(self, hash=self.computed_hash())

    def computed_hash(self) -> str:
        """SHA-256 of all other fields, as a JSON array in their order."""
        at = self.at.isoformat(timespec="milliseconds")
        rest = (self.subject, self.role, self.address, self.deed, self.details, self.previous)
        return hashlib.sha256(msgspec.json.encode([self.stream, self.number, at, *rest])).hexdigest()


class ChainHead(Struct, frozen=True):
    """The last entry of a stream, by number and hash."""

    number: int
    hash: str


class Chains:
    """Checks entries one after the other, in order within each stream."""

    def __init__(self) -> None:
        self.heads: dict[str, ChainHead] = {}

    def check(self, entries: Iterable[AuditEntry], noted: Mapping[str, ChainHead] | None = None) -> Iterator[str]:
        """A sentence for each place where a chain is broken, or differs from a head that was noted."""
        open_heads = dict(noted or {})
        for entry in entries:
            yield from self._faults(entry)
            head = open_heads.get(entry.stream)
            if head is not None and head.number == entry.number:
                del open_heads[entry.stream]
                if head.hash != entry.hash:
                    yield f"{_name(entry)} is not the entry that was noted earlier: that one's hash was {head.hash}"
            self.heads[entry.stream] = ChainHead(entry.number, entry.hash)
        for stream, head in open_heads.items():
            yield f"{stream} ends before entry {head.number}, which was noted earlier: its end was cut off"

    def _faults(self, entry: AuditEntry) -> Iterator[str]:
        last = self.heads.get(entry.stream, ChainHead(0, BEGINNING))
        if entry.number != last.number + 1:
            first, after = last.number + 1, entry.number - 1
            missing = f"entry {first} is" if first == after else f"entries {first} to {after} are"
            yield f"{entry.stream}: {missing} missing"
        elif entry.previous != last.hash:
            yield f"{_name(entry)} does not follow entry {last.number}: that one was replaced"
        if entry.hash != entry.computed_hash():
            yield f"{_name(entry)} was changed: its hash does not match its content"


def _name(entry: AuditEntry) -> str:
    return f"{entry.stream}: entry {entry.number} ({entry.at:%Y-%m-%d %H:%M:%S} UTC, {entry.subject})"
