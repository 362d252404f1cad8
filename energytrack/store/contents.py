"""The whole database, for backups: reads and writes every collection with its indexes and raw documents.

Nothing is locked while it is read. Services write what others depend on first (readings before the ledger, an order's
entry in the audit log before the order); so collections are read in the opposite order, and each one refers only to
those read after it. The result is a state that a kill of all services could have left, from which they recover. What
the order alone cannot ensure is added as `Marks`, which make the historian recount (docs/backup.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from bson import CodecOptions, json_util
from bson.raw_bson import RawBSONDocument
from msgspec import Struct
from pymongo import IndexModel

from energytrack.settings import MongoSettings
from energytrack.store.link import LONG_SECONDS, QUICK, Document, Link
from energytrack.store.schema import RESTORING, Schema
from energytrack.store.telemetry.series import CHUNK

FIRST: Final = (
    "escalations", "pages", "schedules", "commands", "schedule_runs", "alarm_log", "alarms", "locks", "measures",
    "baselines", "model_in_use", "models", "model_files.files", "model_files.chunks", "imported_marks", "stop_reasons",
    "meters", "ledger", "spells", "ledger_months", "ledger_years", "ledger_openings", "plant_meters",
    "plant_meter_days", "plant_meter_months", "plant_meter_years", "plant_meter_openings", "ledger_corrections",
    "imported_energy", "imported_rates", "imports", "finished_parts_corrections", "finished_parts",
    "finished_parts_marks",
)  # fmt: skip
LAST: Final = ("devices", "insights", "events", "readings", "minutes", "machine_records", "audit")
"""The order of reading; collections that are in neither list are read in between."""
PARTS: Final = {
    "readings": "device.id", "insights": "device.id", "events": "device_id", "commands": "device_id",
    "imported_energy": "device_id", "finished_parts": "device_id", "ledger": "device", "ledger_openings": "device",
    "ledger_months": "device",
    "ledger_years": "device", "spells": "device", "model_files.chunks": "files_id", "plant_meter_days": "device",
    "plant_meter_openings": "device", "plant_meter_months": "device", "plant_meter_years": "device",
}  # fmt: skip
"""Large collections, and the indexed field by which SecantusDB can be asked for a part of one."""
SERIES: Final = frozenset({"readings", "insights"})
PASSING: Final = frozenset({"schema", "pulse", "model_lease", "ledger_edition"})
"""These hold no data of a plant: a database with nothing else counts as empty."""
SETTLED: Final = timedelta(minutes=15)
"""If renaming or removing a machine is not finished after this time, it was interrupted."""
OLDEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
FEW: Final = 5_000
MANY: Final = 20_000
"""The most documents of one query to SecantusDB, which holds the whole result in memory."""


class CollectionForm(Struct, frozen=True):
    """One collection, without its documents."""

    name: str
    options: str
    """How it was created, as MongoDB's extended JSON."""
    indexes: str
    """Likewise, a list."""


class MeterMark(Struct, frozen=True):
    """Marks that a machine's meter needs in addition to what was read, in seconds since the epoch."""

    begun: float | None = None
    """Its first reading."""
    recount_from: float | None = None
    """The time from which its ledger has to be recounted."""
    is_machine: bool = True
    """False for a plant meter."""


class Contents:
    """Reads and writes all of one database."""

    def __init__(self, link: Link) -> None:
        self._link = link
        with link.asking():
            self._is_secantus = "secantusVersion" in link.database.client.admin.command("buildInfo")

    def families(self) -> Iterator[CollectionForm]:
        """All collections in the order of reading, without views, which hold no data.

        It lists them again each time: what was read may refer to a collection that was created meanwhile.
        """
        place = {name: number for number, name in enumerate((*FIRST, "", *LAST))}
        last = (-1, "")
        while True:
            with self._link.asking(seconds=LONG_SECONDS):
                listed = [each for each in self._link.database.list_collections() if _is_read(each)]
                by_name = {(place.get(each["name"], place[""]), each["name"]): each for each in listed}
                left = sorted(each for each in by_name if each > last)
                if not left:
                    return
                last = left[0]
                family = self._family(by_name[last])
            yield family

    def documents(self, name: str) -> Iterator[bytes]:
        """A collection's documents as BSON, one by one: all present ones, and perhaps some that are added meanwhile."""
        if not self._is_secantus or name not in PARTS or not self._has_index(name):
            yield from self._raw_documents(name, {})
            return
        with self._link.asking(seconds=LONG_SECONDS):
            before = self._link.collection(name).estimated_document_count()
        field, keys, count = PARTS[name], self._sorted_keys(name), 0
        for value in keys:
            for document in self._part(name, field, value):
                count += 1
                yield document
        if count < before:  # some may have been deleted meanwhile, or belong to no known machine
            with self._link.asking(seconds=LONG_SECONDS):
                others = [each for each in self._link.collection(name).distinct(field) if each not in keys]
            for value in others:
                yield from self._part(name, field, value)

    def marks(self, since: datetime) -> Mapping[str, MeterMark]:
        """The meters' marks, read after everything else; `since` is when reading began."""
        marks: dict[str, MeterMark] = {}
        with self._link.asking(seconds=LONG_SECONDS):
            wanted = {"begun": 1, "recount_from": 1, "recounted": 1}
            for name in ("meters", "plant_meters"):
                for each in self._link.collection(name).find({}, wanted):
                    times = [each["recount_from"]] if "recount_from" in each else []
                    times += [done["from"] for done in each.get("recounted", ()) if done["at"] >= since.timestamp()]
                    marks[each["_id"]] = MeterMark(each.get("begun"), min(times, default=None), name == "meters")
        return marks

    def deeds(self) -> frozenset[str]:
        """Records of machines; if they change while reading, documents may have been moved meanwhile."""
        with self._link.asking(seconds=LONG_SECONDS):
            documents = self._link.collection("machine_records").find({}, {"documents": 1})
            return frozenset(f"{each['_id']} {sorted(each.get('documents', {}).items())}" for each in documents)

    def is_being_moved(self, now: datetime) -> bool:
        """Whether a machine is being renamed or removed at this moment."""
        recent: Document = {
            "deed": {"$in": ["renamed", "removed"]}, "documents": {}, "at": {"$gt": now - SETTLED},
        }  # fmt: skip
        with self._link.asking(seconds=LONG_SECONDS):
            return self._link.collection("machine_records").find_one(recent) is not None

    def schema_version(self) -> int:
        """The version of the data; 0 if there are none."""
        with self._link.asking():
            document = self._link.collection(Schema.name).find_one({"_id": Schema.name})
        return 0 if document is None else int(document["version"])

    def unfinished(self) -> str | None:
        """The archive whose restore was begun but not finished; None if there is none."""
        with self._link.asking():
            document = self._link.collection(Schema.name).find_one({"_id": RESTORING})
        return None if document is None else str(document["archive"])

    def filled(self) -> Sequence[str]:
        """The collections that hold data of a plant."""
        with self._link.asking(seconds=LONG_SECONDS):
            names = [each["name"] for each in self._link.database.list_collections() if _is_read(each)]
            return sorted(
                name
                for name in names
                if name not in PASSING and self._link.collection(name).find_one({}, {"_id": 1}) is not None
            )

    def begin(self, archive: str) -> None:
        """Delete everything, and make services refuse to start until `finish`."""
        with self._link.asking(seconds=LONG_SECONDS):
            note: Document = {"_id": RESTORING, "archive": archive}
            self._link.collection(Schema.name).replace_one({"_id": RESTORING}, note, upsert=True)
            for each in list(self._link.database.list_collections()):
                if _is_read(each) and each["name"] != Schema.name:
                    self._link.database.drop_collection(each["name"])

    def create(self, family: CollectionForm) -> None:
        """Create a collection as it was, without documents."""
        options = json_util.loads(family.options)
        with self._link.asking(seconds=LONG_SECONDS):
            self._link.database.create_collection(family.name, **options)

    def create_indexes(self, family: CollectionForm) -> None:
        """Create a collection's indexes, after its documents."""
        models = [_index(each) for each in json_util.loads(family.indexes)]
        if models:
            with self._link.asking(seconds=LONG_SECONDS):
                self._link.collection(family.name).create_indexes(models)

    def insert(self, name: str, documents: Sequence[bytes]) -> None:
        """Add documents in one round trip, without waiting for the disk: `finish` does."""
        raw = CodecOptions(document_class=RawBSONDocument)
        collection = self._link.database.get_collection(name, codec_options=raw, write_concern=QUICK)
        with self._link.asking(seconds=LONG_SECONDS):
            collection.insert_many([RawBSONDocument(each) for each in documents], ordered=False)

    def finish(self, version: int) -> None:
        """Let services start again; returns when everything is on disk."""
        with self._link.asking(seconds=LONG_SECONDS):
            schema = self._link.collection(Schema.name)
            schema.replace_one({"_id": Schema.name}, {"_id": Schema.name, "version": version}, upsert=True)
            schema.delete_one({"_id": RESTORING})

    def close(self) -> None:
        self._link.close()

    def _family(self, description: Mapping[str, Any]) -> CollectionForm:
        options = description.get("options", {})
        kept = {name: options[name] for name in ("expireAfterSeconds", "capped", "size", "max") if name in options}
        if "timeseries" in options:
            layout = options["timeseries"]
            kept["timeseries"] = {
                name: layout[name] for name in ("timeField", "metaField", "granularity") if name in layout
            }
        indexes = [
            dict(each) for each in self._link.collection(description["name"]).list_indexes() if each["name"] != "_id_"
        ]
        return CollectionForm(description["name"], json_util.dumps(kept), json_util.dumps(indexes))

    def _raw_documents(self, name: str, wanted: Document) -> Iterator[bytes]:
        with self._link.asking(seconds=LONG_SECONDS):
            cursor = self._link.collection(name).find_raw_batches(wanted, batch_size=MANY)
        with cursor:
            while True:
                with self._link.asking(seconds=LONG_SECONDS):
                    batch: Any = next(cursor, None)  # bytes; its type is documents
                if batch is None:
                    return
                yield from split(batch)

    def _part(self, name: str, field: str, value: Any) -> Iterator[bytes]:
        if name not in SERIES:
            yield from self._raw_documents(name, {field: value})
            return
        end, look = datetime.now(UTC) + CHUNK, CHUNK / 4
        # Few, if any: stamped by a clock that is ahead of this computer's.
        yield from self._raw_documents(name, {field: value, "timestamp": {"$gte": end}})
        while end > OLDEST:
            start = max(end - look, OLDEST)
            count = 0
            for document in self._raw_documents(name, {field: value, "timestamp": {"$gte": start, "$lt": end}}):
                count += 1
                yield document
            if count > MANY:
                look /= 2
            elif count < FEW:
                look = min(2 * look, CHUNK) if count else 2 * look
            end = start

    def _has_index(self, name: str) -> bool:
        with self._link.asking():
            indexes = self._link.collection(name).index_information().values()
        return any(next(iter(each["key"]))[0] == PARTS[name] for each in indexes)

    def _sorted_keys(self, name: str) -> Sequence[Any]:
        with self._link.asking(seconds=LONG_SECONDS):
            if PARTS[name] == "files_id":
                return [each["_id"] for each in self._link.collection("model_files.files").find({}, {"_id": 1})]
            machines = {each["_id"] for other in ("meters", "devices", "plant_meters")
                        for each in self._link.collection(other).find({}, {"_id": 1})}  # fmt: skip
            for each in self._link.collection("machine_records").find({}, {"device_id": 1, "to": 1}):
                machines.update(each[key] for key in ("device_id", "to") if each.get(key))
            for each in self._link.collection("imports").find({}, {"machines": 1}):
                machines.update(each.get("machines", ()))
        return sorted(machines)


def open_contents(settings: MongoSettings) -> Contents:
    """The whole of the database that services use; raises StoreUnavailable and StoreRefused."""
    return Contents(Link(settings.uri.get_secret_value(), settings.database))


def split(batch: bytes) -> Iterator[bytes]:
    """BSON documents that follow one another, one by one."""
    start = 0
    while start < len(batch):
        end = start + int.from_bytes(batch[start : start + 4], "little")
        yield batch[start:end]
        start = end


def encode_marks(marks: Mapping[str, MeterMark]) -> bytes:
    """The marks as the content of a file."""
    return msgspec.json.encode(marks)


def decode_marks(raw: bytes) -> Mapping[str, MeterMark]:
    """The marks from the content of such a file."""
    return msgspec.json.decode(raw, type=dict[str, MeterMark])


def _is_read(description: Mapping[str, Any]) -> bool:
    return description.get("type") != "view" and not description["name"].startswith("system.")


def _index(description: Mapping[str, Any]) -> IndexModel:
    options = {name: value for name, value in description.items() if name not in {"v", "key", "ns"}}
    return IndexModel(list(dict(description["key"]).items()), **options)
