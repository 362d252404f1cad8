"""The latest of every machine, one document each: what it is, its last reading, insight and change of state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct
from pymongo import UpdateOne

from energytrack.messages import Insight, Reading, State, StateChanged
from energytrack.store.link import Document, Link


class Latest(Struct, frozen=True):
    """What is known of a machine now; each part has its own timestamp, and None means not known."""

    device_id: str
    device_type: str | None = None
    line: str | None = None
    reading: Reading | None = None
    insight: Insight | None = None
    change: StateChanged | None = None

    @property
    def state(self) -> State | None:
        """What the newer of reading and change of state says."""
        reading, change = self.reading, self.change
        if reading is None or reading.state is None:
            return None if change is None else change.state
        if change is None or change.timestamp <= reading.timestamp:
            return reading.state
        return change.state


PARTS: Final = ("reading", "insight", "change")


class Devices:
    """The collection `devices`; it may be some seconds behind, `readings` never is."""

    name: Final = "devices"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: a machine's id is its key."""

    def put(self, latest: Sequence[Latest]) -> None:
        """Bring machines up to date, in one round trip.

        What is older than the stored document in any of its parts is left out as a whole; the next one is newer.
        """
        self._link.upsert(self.name, [_upsert(one) for one in latest])

    def get(self, device_id: str) -> Latest | None:
        """One machine."""
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": device_id})
        return None if document is None else _latest(document)

    def ids(self) -> tuple[str, ...]:
        """The id of every machine that ever sent something, in order."""
        with self._link.asking():
            return tuple(
                document["_id"] for document in self._link.collection(self.name).find({}, {"_id": 1}).sort("_id")
            )

    def all(self) -> tuple[Latest, ...]:
        """Every machine that ever sent something, by id; sorted here, where it costs the least."""
        with self._link.asking():
            found = [_latest(document) for document in self._link.collection(self.name).find()]
        return tuple(sorted(found, key=lambda latest: latest.device_id))


def _upsert(latest: Latest) -> UpdateOne:
    guard: Document = {"_id": latest.device_id}
    news: Document = {}
    for name in ("device_type", "line"):
        value = getattr(latest, name)
        if value is not None:
            news[name] = value
    for name in PARTS:
        part = getattr(latest, name)
        if part is not None:
            guard[f"{name}.timestamp"] = {"$not": {"$gt": part.timestamp}}  # true as well where there is none yet
            news[name] = msgspec.to_builtins(part, builtin_types=(datetime,))
    return UpdateOne(guard, {"$set": news}, upsert=True)


def _latest(document: dict[str, Any]) -> Latest:
    return msgspec.convert({**document, "device_id": document["_id"]}, Latest)
