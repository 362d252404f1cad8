"""Events of machines; an event's own id is its key, so a repeated event is stored once."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import msgspec

from energytrack.events import EVENT_KINDS, DeviceEvent
from energytrack.store.link import FEW, LONG_SECONDS, Document, Link

HappenedKind = Literal["failure", "fault_code", "maintenance_done"]

BATCH: Final = 1000
LABELS: Final[Mapping[HappenedKind, str]] = MappingProxyType(
    {"failure": "mode", "fault_code": "code", "maintenance_done": "component"}
)
"""The field that distinguishes events of a kind."""


class LatestEvent(NamedTuple):
    """A machine's latest event of a kind with a label."""

    device_id: str
    kind: HappenedKind
    label: str
    at: datetime


class Events:
    """The collection `events`, kept permanently: events are few, and models learn from them."""

    name: Final = "events"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "device_id", "timestamp")
        self._link.prepare_index(self.name, "kind", "timestamp")

    def put(self, events: Sequence[DeviceEvent]) -> None:
        """Store events in one round trip; existing ones do not change."""
        self._link.insert(self.name, [_document(event) for event in events])

    def put_batch(self, events: Sequence[DeviceEvent], batch_id: str) -> None:
        """Store events of an import; `take_back` finds them by the batch."""
        self._link.insert(self.name, [{**_document(event), "batch": batch_id} for event in events])

    def take_back(self, batch_id: str) -> int:
        """Delete the events of an import; returns how many."""
        with self._link.asking(seconds=LONG_SECONDS):
            return self._link.collection(self.name).delete_many({"batch": batch_id}).deleted_count

    def of_device(
        self, device_id: str, *, since: datetime, until: datetime, kinds: Iterable[str] = EVENT_KINDS
    ) -> Iterator[DeviceEvent]:
        """The device's events of some kinds in [since, until), oldest first.

        Kinds that only a newer release knows are skipped, as in all results.
        """
        wanted = {"device_id": device_id, "timestamp": {"$gte": since, "$lt": until}}
        return self._oldest_first(wanted if kinds is EVENT_KINDS else {**wanted, "kind": {"$in": list(kinds)}})

    def last_of_device(self, device_id: str, kind: str, *, since: datetime, before: datetime) -> DeviceEvent | None:
        """The device's last event of a kind in [since, before)."""
        wanted = {"device_id": device_id, "timestamp": {"$gte": since, "$lt": before}, "kind": kind}
        with self._link.asking():
            found = self._link.collection(self.name).find(wanted, {"batch": 0})
            documents = list(found.sort("timestamp", -1).limit(1))
        return next(self._link.unreadable.passed_over(self.name, documents, _event), None)

    def of_kinds(
        self, *, since: datetime, until: datetime, kinds: Iterable[str] = EVENT_KINDS
    ) -> Iterator[DeviceEvent]:
        """The plant's events of some kinds in [since, until), oldest first."""
        stretch = {"$gte": since, "$lt": until}
        each = [self._oldest_first({"kind": kind, "timestamp": stretch}) for kind in kinds]
        return heapq.merge(*each, key=lambda event: event.timestamp)

    def latest(self, device_ids: Collection[str], *, since: datetime) -> tuple[LatestEvent, ...]:
        """When each failure mode, fault code and repair of these machines last occurred, from `since` on."""
        labels = {label: f"${label}" for label in LABELS.values()}
        group = {"_id": {"device": "$device_id", "kind": "$kind", **labels}, "at": {"$max": "$timestamp"}}
        latest: dict[tuple[str, HappenedKind, str], datetime] = {}
        names = sorted(device_ids)
        for start in range(0, len(names), FEW):
            some: Document = {"$in": names[start : start + FEW]}
            wanted: Document = {"device_id": some, "timestamp": {"$gte": since}, "kind": {"$in": list(LABELS)}}
            with self._link.asking():
                documents = list(self._link.collection(self.name).aggregate([{"$match": wanted}, {"$group": group}]))
            for each in documents:
                kind: HappenedKind = each["_id"]["kind"]
                key = each["_id"]["device"], kind, each["_id"][LABELS[kind]]
                latest[key] = max(latest.get(key, since), each["at"].astimezone(UTC))
        return tuple(LatestEvent(*key, at) for key, at in latest.items())

    def _oldest_first(self, wanted: Document) -> Iterator[DeviceEvent]:
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(
                self._link.collection(self.name).find(wanted, {"batch": 0}, batch_size=BATCH).sort("timestamp")
            )
        yield from self._link.unreadable.passed_over(self.name, documents, _event)


def _event(document: Document) -> DeviceEvent:
    event: DeviceEvent = msgspec.convert(document, DeviceEvent)
    return event


def _document(event: DeviceEvent) -> Document:
    return {"_id": event.event_id, **msgspec.to_builtins(event, builtin_types=(datetime,))}
