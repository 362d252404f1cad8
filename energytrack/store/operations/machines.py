"""Machines that come and go: who retired, renamed or removed one, when and why; and the changes of their data."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import uuid4

import msgspec
from msgspec import Struct

from energytrack.event_ids import imported_event_id
from energytrack.store.link import LONG_SECONDS, Document, Link

Deed = Literal["retired", "renamed", "removed"]
SERIES: Final = ("readings", "insights")
"""Time series, which have a machine as `device.id`."""
HISTORY: Final = (
    "events",
    "finished_parts",
    "finished_parts_corrections",
    "finished_parts_marks",
    "alarms",
    "commands",
    "locks",
    "ledger_corrections",
    "baselines",
    "measures",
    "stop_reasons",
)
"""Ordinary collections, which have it as `device_id`."""
KEYED: Final = ("imported_energy", "imported_marks")
"""Those in which it is also part of the key: `batch|machine|day`."""
MARKS: Final = "finished_parts_marks"
LEDGER: Final = ("ledger", "ledger_openings", "ledger_months", "ledger_years", "spells")
"""Those that have it as `device`, and whose keys begin with it."""
LATEST: Final = ("devices", "meters")
"""Those whose key is its id."""
LISTS: Final = (("imports", "machines"), ("schedules", "device_ids"))
"""Ordinary collections that name several machines in one document, and where."""
KEPT: Final = ("commands", "locks", "ledger_corrections", "baselines", "measures", "stop_reasons")
"""Records of what people did are kept, even of a removed machine."""


class MachineRecord(Struct, frozen=True):
    """A change of a machine's entry by a person."""

    record_id: str
    device_id: str
    deed: Deed
    by: str
    at: datetime
    why: str
    to: str | None = None
    """The new id of a renamed machine."""
    documents: Mapping[str, int] = {}
    """How much was changed or deleted, by collection."""


class MachineRecords:
    """The collection `machine_records`, and the operations that it records."""

    name: Final = "machine_records"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "device_id", "at")

    def put(self, record: MachineRecord) -> None:
        """Store a record, or update it with its result."""
        document: Document = {**msgspec.to_builtins(record, builtin_types=(datetime,)), "_id": record.record_id}
        with self._link.asking():
            self._link.collection(self.name).replace_one({"_id": record.record_id}, document, upsert=True)

    def newest(self, limit: int = 200) -> tuple[MachineRecord, ...]:
        """The last records, newest first."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find().sort("at", -1).limit(limit))
        return tuple(self._link.unreadable.passed_over(self.name, documents, _record))

    def retired_at(self) -> Mapping[str, datetime]:
        """Machines that were retired, renamed or removed, and when; one that sends again later returns."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find({}, {"device_id": 1, "at": 1}).sort("at"))
        return {document["device_id"]: document["at"] for document in documents}

    def former_names(self) -> Mapping[str, Sequence[str]]:
        """The ids that machines had before they were renamed, the last one first."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find({"deed": "renamed"}).sort("at", -1))
        before: dict[str, list[str]] = {}
        for document in documents:
            before.setdefault(document["to"], []).append(document["device_id"])
        names: dict[str, list[str]] = {}
        for name, earlier in before.items():
            found, new = names.setdefault(name, []), list(earlier)
            while new:
                other = new.pop(0)
                if other not in {name, *found}:
                    found.append(other)
                    new += before.get(other, [])
        return names

    def forget_latest(self, device_id: str) -> None:
        """Delete a machine's latest state, so that no list contains it; its history stays."""
        with self._link.asking():
            self._link.collection("devices").delete_one({"_id": device_id})

    def remove(self, device_id: str) -> Mapping[str, int]:
        """Delete all data of a machine except what people did; returns how much, by collection."""
        wanted: dict[str, Document] = {name: {"device.id": device_id} for name in SERIES}
        wanted |= {name: {"device_id": device_id} for name in (*HISTORY, *KEYED) if name not in KEPT}
        wanted |= {name: {"device": device_id} for name in LEDGER}
        wanted |= {name: {"_id": device_id} for name in LATEST}
        wanted["minutes"] = _days_of(device_id)
        with self._link.asking(seconds=LONG_SECONDS):
            return {
                name: self._link.collection(name).delete_many(query).deleted_count for name, query in wanted.items()
            }

    def rename(self, device_id: str, to: str) -> Mapping[str, int]:
        """Give a machine's history another id; returns how much, by collection."""
        changed: dict[str, int] = {}
        with self._link.asking(seconds=LONG_SECONDS):
            moved = self._move_marks(device_id, to)
            for name in KEYED:
                changed[name] = self._move_keyed(name, device_id, to)
            changed["imported_events"] = self._move_imported_events(device_id, to)
            self._rename_in_choices(device_id, to)
            for names, field in ((SERIES, "device.id"), (HISTORY, "device_id")):
                for name in names:
                    done = self._link.collection(name).update_many({field: device_id}, {"$set": {field: to}})
                    changed[name] = done.modified_count
            changed[MARKS] = moved
            for name, field in LISTS:
                changed[name] = self._rename_in_lists(name, field, device_id, to)
            for name in LEDGER:
                changed[name] = self._move_days(name, device_id, to)
            for name in LATEST:
                changed[name] = self._move(name, device_id, to)
            self._link.collection("minutes").delete_many(_days_of(device_id))  # they are computed again
            self._link.collection("minutes").delete_many(_days_of(to))
        return changed

    def _move_marks(self, device_id: str, to: str) -> int:
        """Move marks of finished parts: their key has the machine, and an event under the old id would take them."""
        collection, moved = self._link.collection(MARKS), 0
        for document in list(collection.find({"device_id": device_id})):
            key = f"{to}|{document['_id'].rpartition('|')[2]}"
            if document["is_open"]:
                collection.replace_one({"_id": key}, {**document, "_id": key, "device_id": to}, upsert=True)
            elif collection.find_one({"_id": key}, {"_id": 1}) is None:
                collection.insert_one({**document, "_id": key, "device_id": to})
            moved += collection.delete_one({"_id": document["_id"]}).deleted_count
        return moved

    def _move_keyed(self, name: str, device_id: str, to: str) -> int:
        """Move documents with the machine in their key, or else an import under the old name would replace them.

        A day that both names have in one import stays as it is, under its own key.
        """
        collection, moved = self._link.collection(name), 0
        for document in list(collection.find({"device_id": device_id})):
            key = f"{document['batch_id']}|{to}|{document['date']}"
            noted = {"token": uuid4().hex} if "token" in document else {}  # the day has another key now
            if collection.find_one({"_id": key}, {"_id": 1}) is not None and not noted:
                collection.update_one({"_id": document["_id"]}, {"$set": {"device_id": to}})
            else:
                collection.replace_one({"_id": key}, {**document, **noted, "_id": key, "device_id": to}, upsert=True)
                if document["_id"] != key:
                    collection.delete_one({"_id": document["_id"]})
            moved += 1
        return moved

    def _move_imported_events(self, device_id: str, to: str) -> int:
        """Give imported events their ids under the new name, so that a file with the same events adds none."""
        collection, moved = self._link.collection("events"), 0
        for document in list(collection.find({"device_id": device_id, "batch": {"$exists": True}})):
            kind, ms = document["kind"], round(document["timestamp"].replace(tzinfo=UTC).timestamp() * 1000)
            label = next((document[field] for field in ("mode", "code", "component") if document.get(field)), "")
            if document["_id"] != imported_event_id(kind, device_id, ms, label):
                continue
            key = imported_event_id(kind, to, ms, label)
            renamed = {**document, "_id": key, "device_id": to}
            if "event_id" in renamed:
                renamed["event_id"] = key
            if collection.find_one({"_id": key}, {"_id": 1}) is None:
                collection.insert_one(renamed)
            collection.delete_one({"_id": document["_id"]})
            moved += 1
        return moved

    def _rename_in_choices(self, device_id: str, to: str) -> None:
        """Rename the machine in import profiles, so that the next file of this kind belongs to the new name."""
        collection = self._link.collection("imports")
        for document in list(collection.find({"machines": device_id}, {"choices": 1})):
            choices = dict(document.get("choices") or {})
            if choices.get("device") == device_id:
                choices["device"] = to
            if choices.get("devices"):
                choices["devices"] = {n: to if m == device_id else m for n, m in choices["devices"].items()}
            if choices != document.get("choices"):
                collection.update_one({"_id": document["_id"]}, {"$set": {"choices": choices}})

    def _rename_in_lists(self, name: str, field: str, device_id: str, to: str) -> int:
        collection, changed = self._link.collection(name), 0
        for document in list(collection.find({field: device_id})):
            renamed = list(dict.fromkeys(to if each == device_id else each for each in document[field]))
            changed += collection.update_one({"_id": document["_id"]}, {"$set": {field: renamed}}).modified_count
        return changed

    def _move_days(self, name: str, device_id: str, to: str) -> int:
        """Move documents whose key begins with the machine; a period that both names have stays where it is."""
        collection, moved = self._link.collection(name), 0
        for document in list(collection.find({"device": device_id})):
            key = f"{to}/{document['_id'].partition('/')[2]}"
            if collection.find_one({"_id": key}, {"_id": 1}) is None:
                collection.insert_one({**document, "_id": key, "device": to})
                collection.delete_one({"_id": document["_id"]})
                moved += 1
        return moved

    def _move(self, name: str, device_id: str, to: str) -> int:
        collection = self._link.collection(name)
        document: dict[str, Any] | None = collection.find_one({"_id": device_id})
        if document is None:
            return 0
        if collection.find_one({"_id": to}, {"_id": 1}) is not None:
            if "since" in document:  # the machine is as old as its older name
                collection.update_one({"_id": to}, {"$min": {"since": document["since"]}})
        else:
            document["_id"] = to
            for part in ("reading", "insight", "change"):
                if isinstance(document.get(part), dict) and "device_id" in document[part]:
                    document[part]["device_id"] = to
            collection.insert_one(document)
        collection.delete_one({"_id": device_id})
        return 1


def _record(document: Document) -> MachineRecord:
    return msgspec.convert(document, MachineRecord)


def _days_of(device_id: str) -> Document:
    return {"_id": {"$regex": f"^{re.escape(device_id)}/"}}
