"""The meters of all machines, one document each: the state from which counting continues."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct
from pymongo import UpdateOne

from energytrack.ledger.presence import ReadingSpan
from energytrack.metering.values import Meter
from energytrack.production.counters import NOTHING_READ, Counters
from energytrack.store.link import LONG_SECONDS, Document, Link

KEPT_RECOUNTS: Final = 20
"""While one backup is made, no more recounts than this take place: each waits for a minute without late readings."""


class CountingState(Struct, frozen=True):
    """How far a machine's ledger has been stored."""

    meter: Meter | None
    """The meter when the ledger was last stored: later readings are counted again from it. None before."""
    begun: float | None
    """Time of the machine's first reading, if that is recent."""
    recount_from: float | None
    """Readings came late: from this time on, the ledger has to be recounted."""
    counters: Counters = NOTHING_READ
    """The machine's counters and state at the same time."""
    since: float | None = None
    """Time of the first reading that the ledger ever counted; None if an older version counted it."""


class Meters:
    """The collection `meters`; written by the historian, read by every service that counts energy.

    `meter` is as new as possible, for exporters that take over machines; `counted` is as old as the ledger.
    """

    def __init__(self, link: Link, *, name: str = "meters") -> None:
        self.name: Final = name
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: a machine's id is its key."""

    def put(self, meters: Sequence[tuple[str, Meter]]) -> None:
        """Update meters in one round trip; a meter that is older than the stored one changes nothing."""
        self._link.upsert(self.name, [_upsert(device_id, meter) for device_id, meter in meters])

    def get(self, device_ids: Collection[str]) -> Mapping[str, Meter]:
        """The stored meters of these machines that this version can read."""
        meters = ((each["_id"], _meter(each.get("meter"))) for each in self._documents(device_ids))
        return {device_id: meter for device_id, meter in meters if meter is not None}

    def put_counted(self, meters: Sequence[tuple[str, Meter]], counters: Mapping[str, Counters] | None = None) -> None:
        """Record that the ledger is stored up to here; updates both meters and the state of production.

        A newer meter for exporters stays. If the ledger is already stored further, nothing changes.
        """
        counters = counters or {}
        both, counted_alone = [], []
        for device_id, meter in meters:
            document = msgspec.to_builtins(meter)
            counted: Document = {"counted": document}
            if device_id in counters:
                counted["counters"] = msgspec.to_builtins(counters[device_id])
            newest: Document = {"at": datetime.fromtimestamp(meter.at, UTC), "meter": document}
            not_later = {"$not": {"$gt": meter.at}}
            guard: Document = {"_id": device_id, "counted.at": not_later}
            both.append(UpdateOne({**guard, "meter.at": not_later}, {"$set": {**newest, **counted}}, upsert=True))
            counted_alone.append(UpdateOne(guard, {"$set": counted}))
        if self._link.upsert(self.name, both) < len(both):  # another historian has brought a newer one meanwhile
            self._link.update(self.name, counted_alone)

    def counting(self, device_ids: Collection[str]) -> Mapping[str, CountingState]:
        """How far the ledger of these machines is stored, if known."""
        states: dict[str, CountingState] = {}
        for document in self._documents(device_ids):
            begun = document.get("begun")
            meter = _meter(document.get("counted"))
            if meter is None and begun is None:
                meter = _meter(document.get("meter"))  # counted before there was a ledger
            counters = self._link.unreadable.one(self.name, document, _counters) or NOTHING_READ
            states[document["_id"]] = CountingState(
                meter, begun, document.get("recount_from"), counters, document.get("since")
            )
        return states

    def note_since(self, first: Mapping[str, float]) -> None:
        """Record since when the ledger has some machines; a later time than the stored one changes nothing."""
        operations = [UpdateOne({"_id": name}, {"$min": {"since": at}}, upsert=True) for name, at in first.items()]
        if operations:
            self._link.upsert(self.name, operations)

    def reading_spans(self, device_ids: Collection[str] | None = None) -> Mapping[str, ReadingSpan]:
        """When some machines, or all, first sent a reading, and up to when the ledger has them."""
        fields: Document = {"since": 1, "counted.at": 1}
        if device_ids is None:
            with self._link.asking(seconds=LONG_SECONDS):
                documents = list(self._link.collection(self.name).find({}, fields))
        else:
            documents = list(self._link.find_by_id(self.name, device_ids, fields, seconds=LONG_SECONDS))
        return {each["_id"]: ReadingSpan(each.get("since"), each.get("counted", {}).get("at")) for each in documents}

    def standing_still(self, before: float) -> Sequence[str]:
        """Machines whose ledger was last stored for a reading before a time: the silent ones."""
        counted: Document = {"counted.at": {"$lt": before}}
        never: Document = {"counted": {"$exists": False}, "begun": {"$lt": before}}
        with self._link.asking():
            documents = self._link.collection(self.name).find({"$or": [counted, never]}, {"_id": 1})
            return sorted(document["_id"] for document in documents)

    def begin(self, first: Mapping[str, float]) -> None:
        """Note new machines with the times of their first readings, before these are stored."""
        names = list(first)
        known = self._link.insert_new(self.name, [{"_id": name, "begun": first[name]} for name in names])
        operations = [
            UpdateOne({"_id": names[place]}, {"$min": {"begun": first[names[place]]}}, upsert=True)
            for place in sorted(known)
        ]
        self._link.upsert(self.name, operations)

    def mark(self, device_id: str, at: float) -> None:
        """Note that the ledger of a machine has to be recounted from a time on."""
        self._link.upsert(self.name, [UpdateOne({"_id": device_id}, {"$min": {"recount_from": at}}, upsert=True)])

    def unmark(self, device_id: str, at: float, *, now: float) -> None:
        """Record that it was recounted; an earlier mark that was set meanwhile stays.

        A backup that is being made meanwhile learns from this that it may have read the older ledger.
        """
        done: Document = {"$each": [{"from": at, "at": now}], "$slice": -KEPT_RECOUNTS}
        change: Document = {"$unset": {"recount_from": ""}, "$push": {"recounted": done}}
        self._link.upsert(self.name, [UpdateOne({"_id": device_id, "recount_from": at}, change)])

    def note_new_sums(self, device_id: str) -> None:
        """Mark that a command has stored sums of a machine's days and months: a historian may keep old ones."""
        self._link.update(self.name, [UpdateOne({"_id": device_id}, {"$inc": {"new_sums": 1}})])

    def new_sums(self) -> Mapping[str, int]:
        """The machines with this mark, and how often it was set."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find({"new_sums": {"$gt": 0}}, {"new_sums": 1}))
        return {each["_id"]: each["new_sums"] for each in documents}

    def took_up_new_sums(self, noted: Mapping[str, int]) -> None:
        """Clear these marks, unless there are newer ones."""
        done: Document = {"$unset": {"new_sums": ""}}
        self._link.update(self.name, [UpdateOne({"_id": name, "new_sums": n}, done) for name, n in noted.items()])

    def _documents(self, device_ids: Collection[str]) -> Iterator[Document]:
        return self._link.find_by_id(self.name, device_ids)


def _counters(document: Document) -> Counters:
    return msgspec.convert(document.get("counters", {}), Counters)


def _meter(document: Document | None) -> Meter | None:
    try:
        return None if document is None else msgspec.convert(document, Meter)
    except msgspec.ValidationError:
        return None  # written by another version; the meter restarts at the register


def _upsert(device_id: str, meter: Meter) -> UpdateOne:
    at = datetime.fromtimestamp(meter.at, UTC)
    document: Document = {"at": at, "meter": msgspec.to_builtins(meter)}
    return UpdateOne({"_id": device_id, "meter.at": {"$not": {"$gt": meter.at}}}, {"$set": document}, upsert=True)
