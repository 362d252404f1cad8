"""The meter of every machine at the start of a day, from which a recount of that day begins."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from msgspec import Struct
from pymongo import ReplaceOne

from energytrack.ledger.documents import day_key
from energytrack.metering.values import Meter
from energytrack.production.counters import NOTHING_READ, Counters
from energytrack.store.link import Document, Link


class Opening(Struct, frozen=True):
    """A machine's meter before its first reading of a day."""

    device_id: str
    date: date
    meter: Meter | None
    """None if that was the machine's very first reading."""
    counters: Counters = NOTHING_READ
    """Its counters and its state at the same time."""


class Openings:
    """The collection `ledger_openings`; kept as long as readings, because they are of no use without those."""

    def __init__(self, link: Link, *, name: str = "ledger_openings") -> None:
        self.name: Final = name
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "device", "date")

    def put(self, openings: Sequence[Opening]) -> None:
        """Store openings in one round trip."""
        self._link.upsert(
            self.name, [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in map(_document, openings)]
        )

    def before(self, device_id: str, day: date) -> Opening | None:
        """The opening of a day, or of the last day before it with readings; None if there is none."""
        return self._first({"device": device_id, "date": {"$lte": day.isoformat()}}, order=-1)

    def after(self, device_id: str, day: date) -> Opening | None:
        """The first opening after a day; None if there is none."""
        return self._first({"device": device_id, "date": {"$gt": day.isoformat()}}, order=1)

    def expire(self, device_id: str, *, before: date) -> int:
        """Delete a machine's openings before a date; returns how many."""
        with self._link.asking():
            old: Document = {"device": device_id, "date": {"$lt": before.isoformat()}}
            return self._link.collection(self.name).delete_many(old).deleted_count

    def _first(self, wanted: Document, *, order: int) -> Opening | None:
        with self._link.asking():
            documents = list(self._link.collection(self.name).find(wanted).sort("date", order).limit(1))
        return _opening(documents[0]) if documents else None


def _document(opening: Opening) -> Document:
    meter = None if opening.meter is None else msgspec.to_builtins(opening.meter)
    return {
        "_id": day_key(opening.device_id, opening.date),
        "device": opening.device_id,
        "date": opening.date.isoformat(),
        "meter": meter,
        "counters": msgspec.to_builtins(opening.counters),
    }


def _opening(document: Document) -> Opening | None:
    try:
        meter = None if document["meter"] is None else msgspec.convert(document["meter"], Meter)
        counters = msgspec.convert(document.get("counters", {}), Counters)
    except msgspec.ValidationError:
        return None  # another version wrote it
    return Opening(document["device"], date.fromisoformat(document["date"]), meter, counters)
