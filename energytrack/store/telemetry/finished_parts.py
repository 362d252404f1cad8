"""Events about finished parts and their corrections, and the quarter hours that the ledger has to recompute for them.

There may be as many events as parts, so they are kept for a limited time: the ledger has their parts. An event's own id
is its key, so one that arrives twice is stored once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pymongo import UpdateOne

from energytrack.events import LONGEST_LOT, PartsCorrected, PartsFinished
from energytrack.ledger.finished import Lot
from energytrack.ledger.local_days import utc
from energytrack.store.link import FEW, IDS_AT_ONCE, LONG_SECONDS, Document, Link

KEPT: Final = timedelta(days=62)
"""An event may be late or corrected by this much: until the report of the month before is settled."""
MARGIN: Final = timedelta(days=3)
"""Kept beyond that: what else was made in the oldest quarter hours that may still change."""
DONE_KEPT: Final = timedelta(days=1)
"""A cleared mark is kept for this time: a backup made meanwhile may have read the older ledger."""
AT_ONCE: Final = 1000


class FinishedParts:
    """The collections `finished_parts`, `finished_parts_corrections` and `finished_parts_marks`."""

    name: Final = "finished_parts"
    corrections_name: Final = "finished_parts_corrections"
    marks_name: Final = "finished_parts_marks"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Create the indexes."""
        self._link.prepare_index(self.name, "device_id", "timestamp")
        self._link.prepare_index(self.name, "device_id", "since")
        self._link.prepare_index(self.corrections_name, "corrects")
        self._link.prepare_index(self.corrections_name, "device_id", "timestamp")
        self._link.prepare_index(self.marks_name, "device_id", "is_open")
        self._link.prepare_index(self.marks_name, "is_open")

    def put(self, events: Sequence[PartsFinished | PartsCorrected]) -> None:
        """Store events, in a round trip for each kind; existing ones do not change."""
        finished = [_lot_document(each) for each in events if isinstance(each, PartsFinished)]
        corrected = [_correction_document(each) for each in events if isinstance(each, PartsCorrected)]
        self._link.insert(self.name, finished)
        self._link.insert(self.corrections_name, corrected)

    def lots(self, device_id: str, since: float, until: float) -> Sequence[Lot]:
        """The lots that were finished in (since, until], or begun before its end: by time, with corrections applied."""
        with self._link.asking(seconds=LONG_SECONDS):
            queries = _overlapping(device_id, since, until)
            documents = [each for query in queries for each in self._link.collection(self.name).find(query)]
        corrections = self._corrections(device_id, [each["_id"] for each in documents])
        documents.sort(key=lambda each: (each["timestamp"], each["_id"]))
        return [_lot(each, corrections.get(each["_id"], each)) for each in documents]

    def quarters_of(self, event_ids: Collection[str]) -> Mapping[str, Sequence[tuple[str, float]]]:
        """By event id, the (machine, quarter hour) pairs of existing events: a correction of an event changes those."""
        documents = self._link.find_by_id(self.name, event_ids)
        return {
            each["_id"]: [(each["device_id"], start) for start in _lot(each, each).quarters()] for each in documents
        }

    def has_any(self, device_id: str, since: float, until: float) -> bool:
        """Whether any event reports parts of (since, until]."""
        own, _ = _overlapping(device_id, since, until)
        begun = {"device_id": device_id, "since": {"$gt": utc(until) - LONGEST_LOT, "$lt": utc(until)}}
        with self._link.asking():
            if self._link.collection(self.name).find_one(own, {"_id": 1}) is not None:
                return True
            found = self._link.collection(self.name).find(begun, {"timestamp": 1})  # few: none ended within the time
            return any(each["timestamp"] > utc(until) for each in found)

    def mark(self, quarters: Iterable[tuple[str, float]]) -> None:
        """Mark quarter hours of machines that the ledger has to recompute; before their events are stored."""
        marks = [
            UpdateOne(
                {"_id": f"{device_id}|{round(start)}"},
                {"$set": {"device_id": device_id, "start": start, "is_open": True}, "$unset": {"done": ""}},
                upsert=True,
            )
            for device_id, start in quarters
        ]
        for first in range(0, len(marks), AT_ONCE):
            self._link.upsert(self.marks_name, marks[first : first + AT_ONCE])

    def marked(self, device_ids: Collection[str]) -> Mapping[str, Sequence[float]]:
        """The marked quarter hours of some machines."""
        names = frozenset(device_ids)
        wanted: Document = {"is_open": True}
        if len(names) <= FEW:
            wanted["device_id"] = {"$in": sorted(names)}
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(self.marks_name).find(wanted))
        found: dict[str, list[float]] = {}
        for each in documents:
            if each["device_id"] in names:
                found.setdefault(each["device_id"], []).append(each["start"])
        return found

    def marked_machines(self) -> Collection[str]:
        """The machines with any marked quarter hour."""
        with self._link.asking():
            documents = list(self._link.collection(self.marks_name).find({"is_open": True}, {"device_id": 1}))
        return {each["device_id"] for each in documents}

    def unmark(self, device_id: str, quarters: Iterable[float], *, now: datetime) -> None:
        """Record that the ledger has recomputed some quarter hours of a machine."""
        noted: Document = {"device_id": device_id, "is_open": True, "start": {"$in": list(quarters)}}
        with self._link.asking(seconds=LONG_SECONDS):
            self._link.collection(self.marks_name).update_many(noted, {"$set": {"is_open": False, "done": now}})

    def open_again(self, since: datetime) -> int:
        """After a backup was restored, mark again what was recomputed since a time; returns how many quarter hours."""
        with self._link.asking(seconds=LONG_SECONDS):
            done: Document = {"is_open": False, "done": {"$gte": since}}
            change: Document = {"$set": {"is_open": True}, "$unset": {"done": ""}}
            return self._link.collection(self.marks_name).update_many(done, change).modified_count

    def expire(self, device_id: str, *, now: datetime) -> int:
        """Delete a machine's events that can no longer change anything, and cleared marks; returns how many.

        While the ledger has not recomputed quarter hours that old, their events stay.
        """
        old: Document = {"device_id": device_id, "timestamp": {"$lt": now - KEPT - MARGIN}}
        done: Document = {"device_id": device_id, "is_open": False, "done": {"$lt": now - DONE_KEPT}}
        noted: Document = {"device_id": device_id, "is_open": True, "start": {"$lt": (now - KEPT).timestamp()}}
        with self._link.asking():
            deleted = self._link.collection(self.marks_name).delete_many(done).deleted_count
            if self._link.collection(self.marks_name).find_one(noted, {"_id": 1}) is not None:
                return deleted
            return (
                deleted
                + self._link.collection(self.name).delete_many(old).deleted_count
                + self._link.collection(self.corrections_name).delete_many(old).deleted_count
            )

    def _corrections(self, device_id: str, event_ids: Sequence[str]) -> Mapping[str, Document]:
        """The latest correction of each event."""
        documents: list[Document] = []
        for first in range(0, len(event_ids), IDS_AT_ONCE):
            wanted: Document = {"corrects": {"$in": list(event_ids[first : first + IDS_AT_ONCE])}}
            with self._link.asking(seconds=LONG_SECONDS):
                documents += self._link.collection(self.corrections_name).find(wanted)
        documents.sort(key=lambda each: (each["timestamp"], each["_id"]))
        return {each["corrects"]: each for each in documents if each["device_id"] == device_id}


def lot_of(event: PartsFinished) -> Lot:
    """The lot that an event reports."""
    at = event.timestamp.timestamp()
    return Lot(at if event.since is None else event.since.timestamp(), at, event.parts, event.scrap)


def _overlapping(device_id: str, since: float, until: float) -> tuple[Document, Document]:
    """Queries for lots finished within a time, and for those begun in or before it and finished later."""
    own = {"$gt": utc(since), "$lte": utc(until)}
    later = {"$gt": utc(until), "$lt": utc(until) + LONGEST_LOT}
    return (
        {"device_id": device_id, "timestamp": own},
        {"device_id": device_id, "timestamp": later, "since": {"$lt": utc(until)}},
    )


def _lot_document(event: PartsFinished) -> Document:
    document: Document = {
        "_id": event.event_id, "device_id": event.device_id, "timestamp": event.timestamp, "parts": event.parts,
    }  # fmt: skip
    if event.since is not None:
        document["since"] = event.since
    if event.scrap is not None:
        document["scrap"] = event.scrap
    return document


def _correction_document(event: PartsCorrected) -> Document:
    document: Document = {
        "_id": event.event_id, "device_id": event.device_id, "timestamp": event.timestamp,
        "corrects": event.corrects, "parts": event.parts,
    }  # fmt: skip
    return document if event.scrap is None else {**document, "scrap": event.scrap}


def _lot(document: Document, counts: Document) -> Lot:
    """An event's lot with the numbers that count: its own, or those of a correction."""
    at = document["timestamp"].timestamp()
    since = document["since"].timestamp() if "since" in document else at
    return Lot(since, at, counts["parts"], counts.get("scrap"))
