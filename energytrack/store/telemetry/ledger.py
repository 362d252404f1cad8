"""The energy ledger: what every machine used, by quarter hour, a document for each machine and local day.

The historian writes what the meter says, and nobody else does. What people decide lies beside it (`Corrections`) and is
filled in whenever a day is read, so that a day which is counted anew keeps it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final

from pymongo import ReplaceOne

from energytrack.ledger.correction import Correction, decided
from energytrack.ledger.day import Day
from energytrack.ledger.documents import day_key, from_document, to_document
from energytrack.ledger.local_days import dates
from energytrack.store.link import LONG_SECONDS, Document, Link
from energytrack.store.operations.corrections import Corrections

PAGE: Final = 500
"""Days per round trip: a megabyte or two."""
Key = tuple[str, date]


class Ledger:
    """The collection `ledger`."""

    name: Final = "ledger"

    def __init__(self, link: Link, corrections: Corrections) -> None:
        self._link = link
        self._corrections = corrections

    def prepare(self) -> None:
        """Nothing to create: a machine's id and the date are the key."""

    def put(self, days: Sequence[Day]) -> None:
        """File days as the meter has them, in one round trip; a day that is there already is replaced."""
        documents = [to_document(day) for day in days]
        self._link.upsert(self.name, [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in documents])

    def day(self, device_id: str, day: date) -> Day | None:
        """One machine's day, with what people decided; None where nothing is known of it."""
        return next(self.days([device_id], day, day), None)

    def days(self, device_ids: Iterable[str], first: date, last: date) -> Iterator[Day]:
        """The days of some machines from `first` to `last`, both included, with what people decided.

        Machine after machine in the order given, oldest first; streamed, some hundred days at a time. Days of which
        nothing is known are left out.
        """
        device_ids = list(device_ids)
        made = self._decisions(device_ids, first, last)
        keys = ((device_id, day) for device_id in device_ids for day in dates(first, last))
        while page := list(islice(keys, PAGE)):
            found = self.metered(page)
            for key in page:
                if key in found:
                    yield decided(found[key], made.get(key[0], ()))

    def metered(self, keys: Collection[Key]) -> Mapping[Key, Day]:
        """Days as the meter has them, without what people decided, as far as they are there."""
        wanted = {day_key(device_id, day): (device_id, day) for device_id, day in keys}
        with self._link.asking(seconds=LONG_SECONDS):
            found = list(self._link.collection(self.name).find({"_id": {"$in": list(wanted)}}))
        return {wanted[document["_id"]]: from_document(document) for document in found}

    def expire(self, device_id: str, *, before: date) -> int:
        """Delete a machine's days before a date; returns how many."""
        old: Document = {"_id": {"$gte": f"{device_id}/", "$lt": day_key(device_id, before)}}
        with self._link.asking():
            return self._link.collection(self.name).delete_many(old).deleted_count

    def _decisions(self, device_ids: Collection[str], first: date, last: date) -> Mapping[str, Sequence[Correction]]:
        margin = timedelta(days=1)  # whatever the zone, the local days lie within
        since = datetime.combine(first - margin, time(), UTC)
        made: dict[str, list[Correction]] = defaultdict(list)
        for each in self._corrections.within(since, datetime.combine(last + 2 * margin, time(), UTC)):
            made[each.device_id].append(each)
        return {device_id: made[device_id] for device_id in device_ids if device_id in made}
