"""Means of readings by minute, one document per machine and day: computed once, read many times.

Computing means costs the server something for each reading, so the result is stored once a day is over. Training data
is then available in a fraction of the time, and is kept longer than the readings themselves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from pymongo import ReplaceOne

from energytrack.store.link import LONG_SECONDS, Document, Link
from energytrack.store.telemetry.readings import Means, Readings
from energytrack.store.telemetry.series import CHUNK

Stretch = tuple[datetime, datetime]


class Minutes:
    """The collection `minutes`."""

    name: Final = "minutes"

    def __init__(self, link: Link, readings: Readings) -> None:
        self._link = link
        self._readings = readings

    def prepare(self) -> None:
        """Create the index for deleting old days."""
        self._link.prepare_index(self.name, "day")

    def means(
        self, device_ids: Iterable[str], signals: Sequence[str], *, since: datetime, until: datetime, settled: datetime
    ) -> Iterator[Means]:
        """Like `Readings.means` by minute, device after device; days that were over by `settled` are computed once.

        Readings that arrive later for such a day are not included. One device is in memory at a time.
        """
        for device_id in device_ids:
            stored = self._stored(device_id, since, until)
            for start, end in days(since, until):
                document = stored.get(start)
                whole = end - start == CHUNK and end <= settled
                if whole and document is not None and set(signals) <= document["signals"].keys():
                    yield from _means_of(device_id, document, signals)
                    continue
                summed = list(self._readings.means([device_id], signals, since=start, until=end))
                if whole:
                    self._file(device_id, start, summed, signals)
                yield from summed

    def drop(self, *, before: datetime) -> int:
        """Delete days before a moment; returns how many."""
        with self._link.asking(seconds=LONG_SECONDS):
            return self._link.collection(self.name).delete_many({"day": {"$lt": before}}).deleted_count

    def forget_days(self, device_ids: Iterable[str], *, since: datetime, until: datetime) -> None:
        """Forget days in which readings were added or deleted after they were over."""
        for device_id in device_ids:
            keys = [_key(device_id, start) for start, _ in days(since, until)]
            with self._link.asking(seconds=LONG_SECONDS):
                self._link.collection(self.name).delete_many({"_id": {"$in": keys}})

    def _stored(self, device_id: str, since: datetime, until: datetime) -> Mapping[datetime, Document]:
        keys = [_key(device_id, start) for start, _ in days(since, until)]
        with self._link.asking(seconds=LONG_SECONDS):
            documents = self._link.collection(self.name).find({"_id": {"$in": keys}})
            return {document["day"]: document for document in documents}

    def _file(self, device_id: str, day: datetime, summed: Sequence[Means], signals: Sequence[str]) -> None:
        ends = [end for part in summed for end in part.end_ms]
        columns = {name: [value for part in summed for value in part.signals[name]] for name in signals}
        document = {"day": day, "end_ms": ends, "signals": columns}
        self._link.upsert(self.name, [ReplaceOne({"_id": _key(device_id, day)}, document, upsert=True)])


def days(since: datetime, until: datetime) -> Iterator[Stretch]:
    """[since, until) cut at midnights, UTC, oldest first."""
    start = since
    while start < until:
        midnight = datetime.combine(start.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
        end = min(midnight, until)
        yield start, end
        start = end


def _key(device_id: str, day: datetime) -> str:
    return f"{device_id}/{day:%Y-%m-%d}"


def _means_of(device_id: str, document: Document, signals: Sequence[str]) -> Iterator[Means]:
    if document["end_ms"]:
        columns = {signal: document["signals"][signal] for signal in signals}
        yield Means(device_id=device_id, end_ms=document["end_ms"], signals=columns)
