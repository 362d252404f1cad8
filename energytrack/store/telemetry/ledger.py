"""The energy ledger: each machine's energy by quarter hour, a document for each machine and local day.

Only the historian writes what the meter counted. People's decisions are stored separately (`Corrections`) and applied
whenever a day is read, so that a recounted day keeps them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Final

import bson
from pymongo import ReplaceOne

from energytrack.ledger.correction import Correction, decided
from energytrack.ledger.day import Day
from energytrack.ledger.documents import day_key, from_document, to_document
from energytrack.store.energy.corrections import Corrections
from energytrack.store.link import LONG_SECONDS, Document, Link

PAGE: Final = 1000
"""Days per round trip: two or three megabytes."""
Key = tuple[str, date]


class Ledger:
    """The collection `ledger`, or the one of plant meters."""

    def __init__(self, link: Link, corrections: Corrections, *, name: str = "ledger") -> None:
        self.name: Final = name
        self._link = link
        self._corrections = corrections

    def prepare(self) -> None:
        """Create the indexes: by machine, and by day for the whole plant."""
        self._link.prepare_index(self.name, "device", "date")
        self._link.prepare_index(self.name, "date")

    def put(self, days: Sequence[Day], *, instead_of: Mapping[Key, Day] | None = None) -> Collection[Key]:
        """Store days as the meter counted them, in one round trip.

        A day is refused if the stored one is further (recounted since, or up to a later reading), or if it is not the
        one of `instead_of` from which the new day was made; a day that is not among those must not exist yet. Returns
        the days that were refused because another process has written them meanwhile. If a person has edited a day in
        the database by hand, its digest does not match, and it is replaced by the day that was made from it.
        """
        wanted = {(day.device_id, day.date): _with_digest(to_document(day)) for day in days}
        guards = {
            key: _guard(new, None if instead_of is None else _digest_of(instead_of.get(key)))
            for key, new in wanted.items()
        }
        refused = self._write(wanted, guards)
        if not refused or instead_of is None:
            return tuple(refused)
        edited = {
            key: {**guards[key], "digest": refused[key].get("digest")}
            for key, old in instead_of.items()
            if key in refused and _digest_of(from_document(refused[key])) == _digest_of(old)
        }
        left = self._write({key: wanted[key] for key in edited}, edited) if edited else {}
        return [key for key in refused if key not in edited or key in left]

    def _write(self, days: Mapping[Key, Document], guards: Mapping[Key, Document]) -> Mapping[Key, Document]:
        """Replace the days whose guards match; returns the stored documents of the others."""
        writes = [ReplaceOne(guards[key], new, upsert=True) for key, new in days.items()]
        if self._link.upsert(self.name, writes) == len(days):
            return {}
        ids = {new["_id"]: key for key, new in days.items()}
        stored = {ids[each["_id"]]: each for each in self._link.find_by_id(self.name, ids, seconds=LONG_SECONDS)}
        return {
            key: each
            for key, each in stored.items()
            if _digest_of(from_document(each)) != days[key]["digest"]  # otherwise an earlier attempt got through
        }

    def counted_since(self, device_ids: Collection[str], first: date) -> Iterator[Day]:
        """The days of some machines from a date on, as the meter counted them; in no order."""
        documents = self._link.find_since(self.name, device_ids, first)
        return (from_document(document) for document in documents)

    def counted_between(self, device_id: str, first: date, last: date) -> Iterator[Day]:
        """A machine's days from `first` to `last`, both included, as the meter counted them; oldest first."""
        return self._metered_days([device_id], first, last)

    def day(self, device_id: str, day: date) -> Day | None:
        """One machine's day, with people's decisions; None if nothing is known of it."""
        return next(self.days([device_id], day, day), None)

    def keys(self, first: date, last: date) -> Sequence[Key]:
        """The machines and days with any data, from `first` to `last`, both included."""
        wanted: Document = {"date": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(self.name).find(wanted, {"device": 1, "date": 1}))
        return [(each["device"], date.fromisoformat(each["date"])) for each in documents]

    def first_day(self, device_id: str) -> Day | None:
        """The oldest day of a machine, as the meter counted it; None if there is none."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find({"device": device_id}).sort("date", 1).limit(1))
        return from_document(documents[0]) if documents else None

    def days(self, device_ids: Iterable[str], first: date, last: date) -> Iterator[Day]:
        """The days of some machines from `first` to `last`, both included, with people's decisions.

        Machine after machine in the order given, oldest first; streamed, some hundred days at a time. Days of which
        nothing is known are left out.
        """
        device_ids = list(device_ids)
        made = self._decisions(device_ids, first, last)
        for day in self._metered_days(device_ids, first, last):
            yield decided(day, made.get(day.device_id, ()))

    def metered(self, keys: Collection[Key]) -> Mapping[Key, Day]:
        """The existing days among these, as the meter counted them, without people's decisions."""
        wanted = {day_key(device_id, day): (device_id, day) for device_id, day in keys}
        documents = self._link.find_by_id(self.name, wanted, seconds=LONG_SECONDS)
        return {wanted[document["_id"]]: from_document(document) for document in documents}

    def _metered_days(self, device_ids: Sequence[str], first: date, last: date) -> Iterator[Day]:
        days = (last - first).days + 1
        stretch: Document = {"$gte": first.isoformat(), "$lte": last.isoformat()}
        if len(device_ids) > 1 and len(device_ids) * days <= PAGE:  # one query by day instead of one per machine
            with self._link.asking(seconds=LONG_SECONDS):
                documents = list(self._link.collection(self.name).find({"date": stretch}))
            place = {device_id: number for number, device_id in enumerate(device_ids)}
            documents = [document for document in documents if document["device"] in place]
            yield from map(from_document, sorted(documents, key=lambda each: (place[each["device"]], each["date"])))
            return
        for device_id in device_ids:
            for start in range(0, days, PAGE):
                since, until = first + timedelta(days=start), min(last, first + timedelta(days=start + PAGE - 1))
                stretch = {"$gte": since.isoformat(), "$lte": until.isoformat()}
                with self._link.asking(seconds=LONG_SECONDS):
                    wanted: Document = {"device": device_id, "date": stretch}
                    documents = list(self._link.collection(self.name).find(wanted).sort("date"))
                yield from map(from_document, documents)

    def expire(self, device_id: str, *, before: date) -> int:
        """Delete a machine's days before a date; returns how many."""
        old: Document = {"device": device_id, "date": {"$lt": before.isoformat()}}
        with self._link.asking():
            return self._link.collection(self.name).delete_many(old).deleted_count

    def _decisions(self, device_ids: Collection[str], first: date, last: date) -> Mapping[str, Sequence[Correction]]:
        margin = timedelta(days=1)  # in any zone, the local days are within
        since = datetime.combine(first - margin, time(), UTC)
        made: dict[str, list[Correction]] = defaultdict(list)
        for each in self._corrections.within(since, datetime.combine(last + 2 * margin, time(), UTC)):
            made[each.device_id].append(each)
        return {device_id: made[device_id] for device_id in device_ids if device_id in made}


def _guard(document: Document, digest: str | None) -> Document:
    """The condition for a document that may be replaced; with `digest`, only the one with that digest matches."""
    guard: Document = {
        "_id": document["_id"],
        "revision": {"$not": {"$gt": document["revision"]}},
        "through": {"$not": {"$gt": document["through"]}},
    }
    if digest is not None:
        guard["digest"] = {"$in": [digest, None]}  # those of earlier releases have none
    return guard


def _with_digest(document: Document) -> Document:
    """The document with its own digest: a process that replaces it has to know the stored one."""
    return {**document, "digest": blake2b(bson.encode(document), digest_size=12).hexdigest()}


def _digest_of(day: Day | None) -> str:
    """The digest of the document that a day is stored as; empty if there is none."""
    return "" if day is None else str(_with_digest(to_document(day))["digest"])
