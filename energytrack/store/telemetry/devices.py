"""The latest state of every machine, one document each: its last reading, insight and change of state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from pymongo import UpdateOne

from energytrack.machines.state import AHEAD, MachineState, is_ahead
from energytrack.store.link import Document, Link

PARTS: Final = ("reading", "insight", "change", "clock")


class Devices:
    """The collection `devices`; may be some seconds behind; `readings` never is."""

    name: Final = "devices"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: a machine's id is its key."""

    def put(self, states: Sequence[MachineState], now: datetime) -> None:
        """Update machines in one round trip.

        If any part of a state is older than the stored document (`machines.state.is_news`), the whole update is
        skipped; the next one is newer.
        """
        self._link.upsert(self.name, [_upsert(state, now) for state in states])

    def get(self, device_id: str) -> MachineState | None:
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": device_id})
        return self._link.unreadable.one(self.name, document, _latest)

    def ids(self) -> tuple[str, ...]:
        """The id of every machine that ever sent a message, sorted."""
        with self._link.asking():
            return tuple(
                document["_id"] for document in self._link.collection(self.name).find({}, {"_id": 1}).sort("_id")
            )

    def all(self) -> tuple[MachineState, ...]:
        """Every machine that ever sent a message, by id; sorted here, because that is cheapest."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find())
        states = self._link.unreadable.passed_over(self.name, documents, _latest)
        return tuple(sorted(states, key=lambda latest: latest.device_id))


def _upsert(latest: MachineState, now: datetime) -> UpdateOne:
    guard: Document = {"_id": latest.device_id}
    news: Document = {}
    for name in ("device_type", "line"):
        value = getattr(latest, name)
        if value is not None:
            news[name] = value
    for name in PARTS:
        part = getattr(latest, name)
        if part is not None:
            guard[f"{name}.timestamp"] = _is_news(part.timestamp, now)
            news[name] = msgspec.to_builtins(part, builtin_types=(datetime,))
    return UpdateOne(guard, {"$set": news}, upsert=True)


def _is_news(timestamp: datetime, now: datetime) -> Document:
    """`machines.state.is_news` as a condition on the stored time; also true if there is none yet.

    Without `$and` and `$or`: with them, SecantusDB reads the whole collection for each machine (a second for a hundred
    machines of a thousand, and seconds for more).
    """
    newer: Document = {"$gt": timestamp}
    return {"$not": newer if is_ahead(timestamp, now) else newer | {"$lte": now + AHEAD}}


def _latest(document: dict[str, Any]) -> MachineState:
    return msgspec.convert({**document, "device_id": document["_id"]}, MachineState)
