"""The base of readings and insights: a time-series collection queried by device and time range.

Every query names one device and a range [since, until), and is sent in parts of at most a day: the index on (device,
timestamp) covers it, the client holds one page of documents and the server one day of one device.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from energytrack.store.link import ANSWER_SECONDS, LONG_SECONDS, Document, Link

CHUNK: Final = timedelta(days=1)
PAGE: Final = 20_000
RESOLUTION: Final = timedelta(milliseconds=1)
"""The database keeps milliseconds."""


class TimeSeriesCollection:
    def __init__(self, link: Link, name: str, *, days: int, indexed: bool = True) -> None:
        self._link = link
        self.name = name
        self._kept = timedelta(days=days)
        self._indexed = indexed

    def prepare(self) -> None:
        """Create the collection with its expiry, and its index."""
        self._link.prepare_time_series(self.name, days=self._kept.days)
        if self._indexed:
            self._link.prepare_index(self.name, "device.id", "timestamp")

    def insert(self, documents: Sequence[Document]) -> None:
        """Store documents; repeated ones count once."""
        self._link.insert(self.name, documents)

    def forward(self, device_id: str, since: datetime, until: datetime) -> Iterator[Document]:
        """The device's documents of [since, until), oldest first, each timestamp once."""
        start, look = since, CHUNK / 4
        while start < until:
            end = min(start + look, until)
            page = self._page(device_id, start, end, order=1, limit=PAGE)
            yield from each_once(page)
            full = len(page) == PAGE
            start = page[-1]["timestamp"] + RESOLUTION if full else end
            look = next_look(look, len(page))

    def first(self, device_id: str, since: datetime, until: datetime) -> datetime | None:
        """The device's first timestamp in [since, until); None if there is none.

        Bisects the range down to a day, because most of it may be empty.
        """
        if not self._exists(device_id, since, until):
            return None
        start, end = since, until
        while end - start > CHUNK:
            middle = start + (end - start) / 2
            start, end = (start, middle) if self._exists(device_id, start, middle) else (middle, end)
        timestamp: datetime = next(self.forward(device_id, start, end))["timestamp"]
        return timestamp

    def _exists(self, device_id: str, since: datetime, until: datetime) -> bool:
        wanted = within(device_id, since, until)
        with self._link.asking(seconds=LONG_SECONDS):
            return self._link.collection(self.name).find_one(wanted, {"_id": 1}) is not None

    def backward(self, device_id: str, until: datetime, *, page: int) -> Iterator[Document]:
        """The device's documents before `until`, newest first, each timestamp once."""
        oldest, end, look = until - self._kept, until, CHUNK / 96
        while end > oldest:
            start = max(end - look, oldest)
            documents = self._page(device_id, start, end, order=-1, limit=page)
            yield from each_once(documents)
            end = documents[-1]["timestamp"] if len(documents) == page else start
            look = min(look * 4, CHUNK)

    def _page(self, device_id: str, since: datetime, until: datetime, *, order: int, limit: int) -> list[Document]:
        wanted = within(device_id, since, until)
        with self._link.asking(seconds=LONG_SECONDS):
            documents = self._link.collection(self.name).find(wanted, {"_id": 0}, batch_size=limit, limit=limit)
            return list(documents.sort("timestamp", order).allow_disk_use(True))

    def count(self, device_id: str, since: datetime, until: datetime) -> int:
        """The number of the device's timestamps in [since, until)."""
        total = 0
        for start, end in chunks(since, until):
            for counted in self.ask([{"$match": within(device_id, start, end)}, *_COUNT_DISTINCT]):
                total += counted["count"]
        return total

    def counts(self, since: datetime, until: datetime) -> dict[str, int]:
        """The number of timestamps in [since, until), by device; reads everything in the range, so keep it short."""
        pipeline: list[Document] = [
            {"$match": {"timestamp": {"$gte": since, "$lt": until}}},
            {"$group": {"_id": {"device": "$device.id", "timestamp": "$timestamp"}}},
            {"$group": {"_id": "$_id.device", "count": {"$sum": 1}}},
        ]
        return {counted["_id"]: counted["count"] for counted in self.ask(pipeline, seconds=LONG_SECONDS)}

    def ask(self, pipeline: list[Document], *, seconds: float = ANSWER_SECONDS) -> list[Document]:
        """The result of an aggregation, which may use the server's disk."""
        with self._link.asking(seconds=seconds):
            return list(self._link.collection(self.name).aggregate(pipeline, allowDiskUse=True, batchSize=PAGE))

    def distinct_within(self, device_id: str, since: datetime, until: datetime, fields: Sequence[str]) -> list[Any]:
        """The first stages of an aggregation: one document per timestamp, which is its _id, with these fields."""
        return [
            {"$match": within(device_id, since, until)},
            {"$group": {"_id": "$timestamp", **{field: {"$first": f"${field}"} for field in fields}}},
        ]

    def delete(self, wanted: Document) -> int:
        """Delete documents by fields of their `device`; returns how many."""
        with self._link.asking(seconds=LONG_SECONDS):
            return self._link.collection(self.name).delete_many(wanted).deleted_count

    def expire(self, device_id: str, now: datetime) -> int:
        """Delete expired ones, for servers that do not (`Link.expires`); returns how many."""
        if not self._indexed:
            return 0  # each attempt would read the whole collection
        old = {"device.id": device_id, "timestamp": {"$lt": now - self._kept}}
        with self._link.asking():
            return self._link.collection(self.name).delete_many(old).deleted_count


_COUNT_DISTINCT: Final[list[Document]] = [{"$group": {"_id": "$timestamp"}}, {"$count": "count"}]


def each_once(documents: Iterable[Document]) -> Iterator[Document]:
    """Documents in time order without repeated timestamps."""
    previous: datetime | None = None
    for document in documents:
        if document["timestamp"] != previous:
            previous = document["timestamp"]
            yield document


def next_look(look: timedelta, count: int) -> timedelta:
    """The size of the next range: smaller after a full page, up to a day if documents are sparse."""
    if count == PAGE:
        return look / 2
    return min(look * 2, CHUNK) if count < PAGE // 4 else look


def chunks(since: datetime, until: datetime, size: timedelta = CHUNK) -> Iterator[tuple[datetime, datetime]]:
    """[since, until) cut into ranges of at most `size`, oldest first."""
    start = since
    while start < until:
        end = min(start + size, until)
        yield start, end
        start = end


def within(device_id: str, since: datetime, until: datetime) -> Document:
    """The query for the device's documents of [since, until)."""
    return {"device.id": device_id, "timestamp": {"$gte": since, "$lt": until}}
