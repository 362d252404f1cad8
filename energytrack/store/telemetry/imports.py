"""Imports from files: each batch with who, when and from what, and energy and parts of machines by local day.

A batch has the hash of its content as id: the same file twice is the same batch. It is kept permanently, in an ordinary
collection: it is the plant's own history.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import uuid4

import msgspec
from msgspec import Struct
from pymongo import ReplaceOne

from energytrack.store.link import LONG_SECONDS, Document, Link

AT_ONCE: Final = 1000
BatchState = Literal["storing", "stored", "taken_back"]


class Batch(Struct, frozen=True):
    batch_id: str
    file: str
    state: BatchState
    by: str
    """Who imported it, and how."""
    at: datetime
    machines: tuple[str, ...]
    first: datetime
    """The time of its first value; `last` likewise."""
    last: datetime
    headings: str
    """The headings of the file: the next file with the same ones is of the same kind."""
    choices: Mapping[str, Any]
    """How it was read: the profile for the next file of this kind."""
    kwh: float | None = None
    """All energy in it; None if it has none."""
    quarters: int = 0
    """Quarter hours with energy."""
    parts: float | None = None
    """All parts in it; None if not counted."""
    readings: int = 0
    events: int = 0
    rates: int = 0
    """Prices and emission factors; such an import has nothing else."""
    market: str = ""
    """The `market_prices` of the contract that its prices belong to."""
    taken_back_by: str | None = None
    taken_back_at: datetime | None = None
    taken_back_why: str | None = None


class ImportedDay(Struct, frozen=True):
    """Energy and parts of one machine on one local day, by quarter hour, from a file."""

    batch_id: str
    device_id: str
    date: date
    start: float
    """Local midnight, seconds since the epoch; each quarter hour begins 900 s after the one before."""
    kwh: tuple[float | None, ...]
    """The energy of 92, 96 or 100 quarter hours; None if the file has no value."""
    bridged: tuple[int, ...] = ()
    """The quarter hours whose energy was spread over a longer interval."""
    parts: tuple[float | None, ...] = ()
    """For each quarter hour; empty if the file counts none on this day."""
    scrap: tuple[float | None, ...] = ()
    """The rejected ones among them, likewise."""


class NotedDay(NamedTuple):
    """A day of a machine that the ledger has to recompute."""

    date: date
    token: str
    """A new one each time that the day is marked."""


class Imports:
    """The collections `imports`, `imported_energy`, and `imported_marks`: what the ledger has to recompute."""

    name: Final = "imports"
    energy_name: Final = "imported_energy"
    marks_name: Final = "imported_marks"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "at")
        self._link.prepare_index(self.energy_name, "batch_id")
        self._link.prepare_index(self.marks_name, "device_id")
        self._link.prepare_index(self.energy_name, "device_id", "date")

    def put(self, batch: Batch) -> None:
        """Store a batch in its present state."""
        document: Document = {**msgspec.to_builtins(batch, builtin_types=(datetime,)), "_id": batch.batch_id}
        with self._link.asking():
            self._link.collection(self.name).replace_one({"_id": batch.batch_id}, document, upsert=True)

    def get(self, batch_id: str) -> Batch | None:
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": batch_id})
        return self._link.unreadable.one(self.name, document, _batch)

    def newest(self, limit: int = 100) -> tuple[Batch, ...]:
        """The last batches, newest first."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find().sort("at", -1).limit(limit))
        return tuple(self._link.unreadable.passed_over(self.name, documents, _batch))

    def with_rates(self) -> tuple[tuple[str, BatchState], ...]:
        """The imports of prices and factors, oldest first, with their states."""
        with self._link.asking():
            wanted: Document = {"rates": {"$gt": 0}}
            documents = list(self._link.collection(self.name).find(wanted, {"state": 1}).sort("at", 1))
        return tuple((each["_id"], each["state"]) for each in documents)

    def put_days(self, days: Sequence[ImportedDay]) -> None:
        """Store days; a repeated day of the same batch is stored once."""
        for start in range(0, len(days), AT_ONCE):
            self._link.insert(self.energy_name, [_document(day) for day in days[start : start + AT_ONCE]])

    def days(self, device_id: str, first: date, last: date) -> Iterator[ImportedDay]:
        """A machine's days from `first` to `last`, oldest first, one for each batch."""
        wanted: Document = {"device_id": device_id, "date": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(self.energy_name).find(wanted).sort("date"))
        yield from self._link.unreadable.passed_over(self.energy_name, documents, _imported_day)

    def counting(self, device_id: str, day: date) -> Sequence[ImportedDay]:
        """A machine's day from each import, oldest import first, without those that were taken back."""
        documents = list(self.days(device_id, day, day))
        batches = {each.batch_id: self.get(each.batch_id) for each in documents}
        at = {name: batch.at for name, batch in batches.items() if batch is not None and batch.state == "stored"}
        return sorted(
            (each for each in documents if each.batch_id in at), key=lambda each: (at[each.batch_id], each.batch_id)
        )

    def of_batch(self, batch_id: str) -> Iterator[tuple[str, date]]:
        """The machines and days for which a batch has energy or parts."""
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(
                self._link.collection(self.energy_name).find({"batch_id": batch_id}, {"device_id": 1, "date": 1})
            )
        return ((each["device_id"], date.fromisoformat(each["date"])) for each in documents)

    def mark(self, batch_id: str, days: Iterable[tuple[str, date]]) -> None:
        """Mark the days of machines that the ledger has to recompute from the imports."""
        marks = [
            {
                "_id": f"{batch_id}|{device_id}|{day}",
                "batch_id": batch_id,
                "device_id": device_id,
                "date": f"{day}",
                "token": uuid4().hex,
            }
            for device_id, day in days
        ]
        for start in range(0, len(marks), AT_ONCE):
            some = marks[start : start + AT_ONCE]
            self._link.upsert(self.marks_name, [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in some])

    def marked(self, limit: int) -> Mapping[str, Sequence[NotedDay]]:
        """Some of the marked days, by machine; without batches that are being stored or taken back at the moment."""
        with self._link.asking():
            busy = [each["_id"] for each in self._link.collection(self.name).find({"state": "storing"}, {"_id": 1})]
            wanted: Document = {"batch_id": {"$nin": busy}} if busy else {}
            documents = list(self._link.collection(self.marks_name).find(wanted).sort("_id", 1).limit(limit))
        days: dict[str, list[NotedDay]] = {}
        for each in documents:
            noted = NotedDay(date.fromisoformat(each["date"]), each.get("token", ""))
            days.setdefault(each["device_id"], []).append(noted)
        return {device_id: sorted(noted) for device_id, noted in days.items()}

    def unmark(self, device_id: str, days: Sequence[NotedDay]) -> None:
        """Record that the ledger has recomputed some days of a machine; marks that were set again since then stay."""
        tokens = [day.token for day in days]
        earlier = [f"{day.date}" for day in days if not day.token]  # marked by a release that wrote none
        with self._link.asking(seconds=LONG_SECONDS):
            marks = self._link.collection(self.marks_name)
            marks.delete_many({"device_id": device_id, "token": {"$in": tokens}})
            if earlier:
                marks.delete_many({"device_id": device_id, "token": None, "date": {"$in": earlier}})

    def take_back(self, batch_id: str) -> int:
        """Delete the days of a batch; returns how many."""
        with self._link.asking(seconds=LONG_SECONDS):
            return self._link.collection(self.energy_name).delete_many({"batch_id": batch_id}).deleted_count


def _batch(document: Document) -> Batch:
    return msgspec.convert(document, Batch)


def _imported_day(document: Document) -> ImportedDay:
    return msgspec.convert(document, ImportedDay)


def _document(day: ImportedDay) -> Document:
    return {**msgspec.to_builtins(day), "_id": f"{day.batch_id}|{day.device_id}|{day.date.isoformat()}"}
