"""The reasons that people gave for stops, with who and when. None is ever changed or deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from energytrack.production.stops import StopExplanation
from energytrack.store.link import Document, Link


class StopReasonRecord(Struct, frozen=True, kw_only=True):
    """A reason that somebody gave for a stop."""

    reason_id: str
    device_id: str
    start: datetime
    """Start of the stop, as it was seen then."""
    code: str
    note: str
    by: str
    role: str
    address: str
    at: datetime

    def explanation(self) -> StopExplanation:
        """The record as the explanation of its stop."""
        return StopExplanation(
            reason_id=self.reason_id, device_id=self.device_id, start=self.start.timestamp(), code=self.code,
            note=self.note, by=self.by,
        )  # fmt: skip


class StopReasons:
    """The collection `stop_reasons`."""

    name: Final = "stop_reasons"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "start")

    def add(self, records: Sequence[StopReasonRecord]) -> None:
        self._link.insert(self.name, [_document(record) for record in records])

    def within(self, since: datetime, until: datetime) -> Sequence[StopExplanation]:
        """Reasons for stops that began in [since, until), oldest first."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find({"start": {"$gte": since, "$lt": until}}))
        records = self._link.unreadable.passed_over(self.name, documents, _record)
        return [record.explanation() for record in sorted(records, key=lambda record: record.reason_id)]


def _record(document: Document) -> StopReasonRecord:
    return msgspec.convert({**document, "reason_id": document["_id"]}, StopReasonRecord)


def _document(record: StopReasonRecord) -> Document:
    document: Document = msgspec.to_builtins(record, builtin_types=(datetime,))
    document["_id"] = document.pop("reason_id")
    return document
