"""Decisions about energy: who decided what about which quarter hours, when and why. None is ever changed or deleted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from pymongo import DESCENDING

from energytrack.ledger.correction import Correction
from energytrack.store.link import Document, Link


class Corrections:
    """The collection `ledger_corrections`."""

    name: Final = "ledger_corrections"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "device_id", "start")

    def add(self, correction: Correction) -> None:
        self._link.insert(self.name, [_document(correction)])

    def within(
        self, since: datetime, until: datetime, *, device_ids: Collection[str] | None = None
    ) -> Sequence[Correction]:
        """Decisions that touch [since, until), of some machines or all, oldest first."""
        query: Document = {"start": {"$lt": until}, "end": {"$gt": since}}
        if device_ids is not None:
            query["device_id"] = {"$in": sorted(device_ids)}
        with self._link.asking():
            documents = list(self._link.collection(self.name).find(query))
        corrections = self._link.unreadable.passed_over(self.name, documents, _correction)
        return sorted(corrections, key=lambda correction: correction.correction_id)

    def latest(self, *, limit: int, device_id: str | None = None, before: str | None = None) -> Sequence[Correction]:
        """Decisions, newest first; `before` is the last id of the previous page."""
        query: Document = {} if device_id is None else {"device_id": device_id}
        if before is not None:
            query["_id"] = {"$lt": before}
        with self._link.asking():
            documents = self._link.collection(self.name).find(query).sort("_id", DESCENDING).limit(limit)
            return list(self._link.unreadable.passed_over(self.name, documents, _correction))


def _document(correction: Correction) -> Document:
    document: Document = msgspec.to_builtins(correction, builtin_types=(datetime,))
    document["_id"] = document.pop("correction_id")
    return document


def _correction(document: dict[str, Any]) -> Correction:
    return msgspec.convert({**document, "correction_id": document["_id"]}, Correction)
