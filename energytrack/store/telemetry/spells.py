"""The spells of every machine: a document for each machine and local day, like the ledger's.

Only the historian writes it. Times are packed as milliseconds since the day's beginning.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from pymongo import ReplaceOne

from energytrack.ledger.documents import day_key
from energytrack.ledger.local_days import utc
from energytrack.production.spells import Spell, SpellDay, letters_of, state_of
from energytrack.store.link import FEW, LONG_SECONDS, Document, Link


class Spells:
    """The collection `spells`."""

    name: Final = "spells"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Create the indexes: by machine, and by day for the whole plant."""
        self._link.prepare_index(self.name, "device", "date")
        self._link.prepare_index(self.name, "date")

    def put(self, days: Sequence[SpellDay]) -> None:
        """Store days in one round trip; a stored day with a later reading stays."""
        self._link.upsert(self.name, [_replacement(day) for day in days])

    def since(self, device_ids: Collection[str], first: date) -> Iterator[SpellDay]:
        """The days of some machines from a date on; in no order."""
        documents = self._link.find_since(self.name, device_ids, first)
        return self._link.unreadable.passed_over(self.name, documents, _day)

    def days(self, first: date, last: date, *, device_ids: Collection[str] | None = None) -> Iterator[SpellDay]:
        """The days of some machines, or of all, from `first` to `last`, both included; in no order."""
        wanted: Document = {"date": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        if device_ids is None:
            return self._query(wanted)
        names = frozenset(device_ids)
        if len(names) <= FEW:
            wanted["device"] = {"$in": sorted(names)}
        return (day for day in self._query(wanted) if day.device_id in names)

    def expire(self, device_id: str, *, before: date) -> int:
        """Delete a machine's days before a date; returns how many."""
        with self._link.asking():
            old: Document = {"device": device_id, "date": {"$lt": before.isoformat()}}
            return self._link.collection(self.name).delete_many(old).deleted_count

    def _query(self, wanted: Document) -> Iterator[SpellDay]:
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(self.name).find(wanted))
        return self._link.unreadable.passed_over(self.name, documents, _day)


def _replacement(day: SpellDay) -> ReplaceOne[Document]:
    key = day_key(day.device_id, day.date)
    document: Document = {
        "_id": key,
        "device": day.device_id,
        "date": day.date.isoformat(),
        "start": utc(day.start),
        "through": day.through,
        "states": letters_of(day.spells),
        "begun": _packed(day, [each.start for each in day.spells]),
        "ended": _packed(day, [each.end for each in day.spells]),
    }
    return ReplaceOne({"_id": key, "through": {"$not": {"$gt": day.through}}}, document, upsert=True)


def _day(document: Mapping[str, Any]) -> SpellDay:
    start = document["start"].timestamp()
    times = zip(document["states"], _unpacked(document["begun"]), _unpacked(document["ended"]), strict=True)
    spells = []
    for letter, begun, ended in times:
        state, is_estimated = state_of(letter)
        spells.append(Spell(start + begun / 1000.0, start + ended / 1000.0, state, is_estimated))
    return SpellDay(document["device"], date.fromisoformat(document["date"]), start, document["through"], tuple(spells))


def _packed(day: SpellDay, times: Sequence[float]) -> bytes:
    return np.array([round((at - day.start) * 1000.0) for at in times], dtype="<u4").tobytes()


def _unpacked(packed: bytes) -> list[int]:
    times: list[int] = np.frombuffer(packed, dtype="<u4").tolist()
    return times
