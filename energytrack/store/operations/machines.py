"""Machines that come and go: who retired, renamed or removed one, when and why; and what that does to their data."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from energytrack.store.link import LONG_SECONDS, Document, Link

Deed = Literal["retired", "renamed", "removed"]
SERIES: Final = ("readings", "insights")
"""Time series, which know a machine as `device.id`."""
HISTORY: Final = (
    "events",
    "imported_energy",
    "imported_marks",
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
"""Ordinary collections, which know it as `device_id`."""
MARKS: Final = "finished_parts_marks"
LEDGER: Final = ("ledger", "ledger_openings", "ledger_months", "ledger_years", "spells")
"""These know it as `device`, and their keys begin with it."""
LATEST: Final = ("devices", "meters")
"""Its id is their key."""
LISTS: Final = (("imports", "machines"), ("schedules", "device_ids"))
"""Ordinary collections that name several machines in one document, and where."""
KEPT: Final = ("commands", "locks", "ledger_corrections", "baselines", "measures", "stop_reasons")
"""Records of what people did are kept, even of a removed machine."""


class MachineRecord(Struct, frozen=True):
    """What somebody did to a machine's entry."""

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
        """Machines that were retired, renamed or removed, and when; one that sends again later is back."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find({}, {"device_id": 1, "at": 1}).sort("at"))
        return {document["device_id"]: document["at"] for document in documents}

    def forget_latest(self, device_id: str) -> None:
        """Delete a machine's latest state, so that no list contains it; its history stays."""
        with self._link.asking():
            self._link.collection("devices").delete_one({"_id": device_id})

    def remove(self, device_id: str) -> Mapping[str, int]:
        """Delete all data of a machine except what people did; returns how much, by collection."""
        wanted: dict[str, Document] = {name: {"device.id": device_id} for name in SERIES}
        wanted |= {name: {"device_id": device_id} for name in HISTORY if name not in KEPT}
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
        """Marks of finished parts have the machine in their key: under the old id, its next event would take them."""
        collection, moved = self._link.collection(MARKS), 0
        for document in list(collection.find({"device_id": device_id})):
            key = f"{to}|{document['_id'].rpartition('|')[2]}"
            if document["is_open"]:
                collection.replace_one({"_id": key}, {**document, "_id": key, "device_id": to}, upsert=True)
            elif collection.find_one({"_id": key}, {"_id": 1}) is None:
                collection.insert_one({**document, "_id": key, "device_id": to})
            moved += collection.delete_one({"_id": document["_id"]}).deleted_count
        return moved

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
