"""Readings as received: written at least once, counted once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from energytrack.messages import Reading
from energytrack.metering.limits import Limits
from energytrack.metering.step import step
from energytrack.metering.values import Meter
from energytrack.store.link import LONG_SECONDS, Document, Link
from energytrack.store.telemetry.series import RESOLUTION, TimeSeriesCollection, chunks, within

SENSORS: Final = ("temperature", "pressure", "current")
MINUTE: Final = timedelta(minutes=1)


class SensorStatistics(Struct, frozen=True):
    """Statistics of one sensor's values over an interval, without lost ones."""

    mean: float
    deviation: float
    """Population standard deviation."""
    lowest: float
    highest: float


class Interval(Struct, frozen=True):
    """A device's readings of one interval, each timestamp counted once."""

    device_id: str
    start: datetime
    readings: int
    temperature: SensorStatistics | None
    """Degrees Celsius; None if every value was lost."""
    pressure: SensorStatistics | None
    current: SensorStatistics | None
    energy_kwh: float | None
    """The meter's register at the end of the interval: the highest in it."""


class Means(Struct, frozen=True):
    """A device's readings of at most a day as columns of bucket means: the training data of models."""

    device_id: str
    end_ms: Sequence[int]
    """The end of each bucket, rising; bucket k of width w holds the readings of (kw - w, kw] since the epoch."""
    signals: Mapping[str, Sequence[float | None]]
    """The mean of each signal; None if all of its values in the bucket are missing."""


class UsedEnergy(Struct, frozen=True):
    """Energy that a machine used over a range of time."""

    joules: float
    idle_joules: float
    """The part of it used while idle."""


class Readings:
    """The collection `readings`."""

    name: Final = "readings"

    def __init__(self, link: Link, *, days: int, indexed: bool) -> None:
        self._series = TimeSeriesCollection(link, self.name, days=days, indexed=indexed)
        self.days = days
        """The days that readings are kept."""
        self.indexed = indexed
        """Whether one machine's readings are found without reading those of all."""

    def prepare(self) -> None:
        """Create the collection and its index."""
        self._series.prepare()

    def put(self, readings: Sequence[Reading]) -> None:
        """Store readings in one round trip."""
        self._series.insert([_document(reading) for reading in readings])

    def put_batch(self, readings: Sequence[Reading], batch_id: str) -> None:
        """Store readings of an import, in one round trip; `take_back` finds them by the batch."""
        documents = [_document(reading) for reading in readings]
        for document in documents:
            document["device"]["batch"] = batch_id
        self._series.insert(documents)

    def take_back(self, batch_id: str) -> int:
        """Delete the readings of an import; returns how many."""
        return self._series.delete({"device.batch": batch_id})

    def count(self, device_id: str, *, since: datetime, until: datetime) -> int:
        """The number of the device's readings in [since, until)."""
        return self._series.count(device_id, since, until)

    def counts(self, *, since: datetime, until: datetime) -> Mapping[str, int]:
        """The number of readings in [since, until) by device, over the whole plant.

        For short ranges, because it reads them all.
        """
        return self._series.counts(since, until)

    def latest(self, device_id: str, limit: int, *, until: datetime) -> tuple[Reading, ...]:
        """The device's last readings before `until`, newest first."""
        readings: list[Reading] = []
        for document in self._series.backward(device_id, until, page=2 * limit):
            readings.append(_reading(document))
            if len(readings) == limit:
                break
        return tuple(readings)

    def stream(self, device_ids: Iterable[str], *, since: datetime, until: datetime) -> Iterator[Reading]:
        """The devices' readings of [since, until), device after device, oldest first.

        One day of one device is in memory.
        """
        for device_id in device_ids:
            for document in self._series.forward(device_id, since, until):
                yield _reading(document)

    def timestamps(self, device_id: str, *, since: datetime, until: datetime) -> frozenset[datetime]:
        """The timestamps of the device's readings in [since, until)."""
        return frozenset(document["timestamp"] for document in self._series.forward(device_id, since, until))

    def intervals(
        self, device_ids: Iterable[str], *, since: datetime, until: datetime, width: timedelta = MINUTE
    ) -> Iterator[Interval]:
        """Buckets of `width` with readings, device after device, oldest first; computed by the server.

        `since` should fall on a multiple of `width` since midnight UTC, and a day should be a multiple of it: buckets
        are cut at days.
        """
        for device_id in device_ids:
            for start, end in chunks(since, until):
                for document in self._series.ask(self._bucketed(device_id, start, end, width)):
                    yield _interval(device_id, document)

    def means(
        self,
        device_ids: Iterable[str],
        signals: Sequence[str],
        *,
        since: datetime,
        until: datetime,
        width: timedelta = MINUTE,
    ) -> Iterator[Means]:
        """Means of (since, until] by bucket, device after device, a day at a time; computed by the server.

        `since` falls on a multiple of `width` since the epoch, and a day is a multiple of it.
        """
        for device_id in device_ids:
            for start, end in chunks(since, until):
                after = RESOLUTION  # the interval is open on the left, as the live window's buckets are
                question = self._averaged(device_id, start + after, end + after, signals, width)
                for document in self._series.ask(question, seconds=LONG_SECONDS):
                    columns = {signal: document[f"mean{i}"] for i, signal in enumerate(signals)}
                    ends = [round(end) for end in document["end_ms"]]
                    yield Means(device_id=device_id, end_ms=ends, signals=columns)

    def _averaged(
        self, device_id: str, since: datetime, until: datetime, signals: Sequence[str], width: timedelta
    ) -> list[Any]:
        paths = [f"${signal}" if signal in SENSORS else f"$signals.{signal}" for signal in signals]
        width_ms = round(width.total_seconds() * 1000)
        bucket = {"$ceil": {"$divide": [{"$toLong": "$timestamp"}, width_ms]}}
        first = {f"value{i}": {"$first": path} for i, path in enumerate(paths)}
        mean = {f"mean{i}": {"$avg": f"$value{i}"} for i in range(len(paths))}
        listed = {f"mean{i}": {"$push": f"$mean{i}"} for i in range(len(paths))}
        return [
            {"$match": within(device_id, since, until)},
            {"$group": {"_id": "$timestamp", "bucket": {"$first": bucket}, **first}},
            {"$group": {"_id": {"$multiply": ["$bucket", width_ms]}, **mean}},
            {"$sort": {"_id": 1}},
            {"$group": {"_id": None, "end_ms": {"$push": "$_id"}, **listed}},
        ]

    def reach(self, device_id: str, *, since: datetime, until: datetime) -> tuple[datetime, datetime] | None:
        """The times of the device's first and last readings in [since, until); None if there are none."""
        first = self._series.first(device_id, since, until)
        if first is None:
            return None
        last = next(self._series.backward(device_id, until, page=1), {"timestamp": first})
        return first, last["timestamp"]

    def _bucketed(self, device_id: str, since: datetime, until: datetime, width: timedelta) -> list[Any]:
        bucket = {"date": "$_id", "unit": "second", "binSize": round(width.total_seconds())}
        spreads = {
            f"{sensor}_{name}": {operator: f"${sensor}"}
            for sensor in SENSORS
            for name, operator in (
                ("mean", "$avg"),
                ("deviation", "$stdDevPop"),
                ("lowest", "$min"),
                ("highest", "$max"),
            )
        }
        return [
            *self._series.distinct_within(device_id, since, until, (*SENSORS, "energy_kwh")),
            {
                "$group": {
                    "_id": {"$dateTrunc": bucket},
                    "readings": {"$sum": 1},
                    "energy_kwh": {"$max": "$energy_kwh"},
                    **spreads,
                }
            },
            {"$sort": {"_id": 1}},
        ]

    def used(self, device_id: str, limits: Limits, *, since: datetime, until: datetime) -> UsedEnergy:
        """Energy counted by the meter from the first to the last reading in [since, until), without suspect energy."""
        meter: Meter | None = None
        for reading in self.stream([device_id], since=since, until=until):
            meter = step(meter, reading, limits).meter
        if meter is None:
            return UsedEnergy(0.0, 0.0)
        return UsedEnergy(meter.billed - meter.record.opening, meter.idle_joules)

    def expire(self, device_id: str, *, now: datetime) -> int:
        """Delete expired ones, for servers that do not (`Link.expires`); returns how many."""
        return self._series.expire(device_id, now)


def _document(reading: Reading) -> Document:
    document: Document = {
        "timestamp": reading.timestamp,
        "device": {"id": reading.device_id, "type": reading.device_type, "line": reading.line},
        "temperature": reading.temperature,
        "pressure": reading.pressure,
        "current": reading.current,
    }
    if reading.energy_kwh is not None:
        document["energy_kwh"] = reading.energy_kwh
    if reading.state is not None:
        document["state"] = reading.state
    if reading.parts is not None:
        document["parts"] = reading.parts
    if reading.scrap is not None:
        document["scrap"] = reading.scrap
    if reading.signals:
        document["signals"] = reading.signals
    return document


def _reading(document: Document) -> Reading:
    device = document["device"]
    return Reading(
        device_id=device["id"],
        timestamp=document["timestamp"],
        temperature=document["temperature"],
        pressure=document["pressure"],
        current=document["current"],
        device_type=device.get("type"),
        line=device.get("line"),
        energy_kwh=document.get("energy_kwh"),
        state=document.get("state"),
        signals=document.get("signals", {}),
        parts=document.get("parts"),
        scrap=document.get("scrap"),
    )


def _interval(device_id: str, document: Document) -> Interval:
    return Interval(
        device_id=device_id,
        start=document["_id"].astimezone(UTC),
        readings=document["readings"],
        energy_kwh=document["energy_kwh"],
        **{sensor: _spread(document, sensor) for sensor in SENSORS},
    )


def _spread(document: Document, sensor: str) -> SensorStatistics | None:
    if document[f"{sensor}_mean"] is None:
        return None
    return SensorStatistics(**{field: document[f"{sensor}_{field}"] for field in SensorStatistics.__struct_fields__})
