"""Pages to people: the escalation of each case, and every message with its outcome."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
import pymongo
from msgspec import Struct, field
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from energytrack.store.link import LONG_SECONDS, Document, Link
from energytrack.store.operations.alarms import Severity

PageKind = Literal["page", "ended", "report", "test"]
PageStatus = Literal["waiting", "sent", "failed"]
FORGET_SECONDS: Final = 400 * 24 * 3600


class Escalation(Struct, frozen=True, kw_only=True):
    """How far an open case has been escalated."""

    case_id: str
    opened_at: datetime
    """When the case opened; tells episodes of one machine apart."""
    severity: Severity
    """The highest severity about which people were paged."""
    step: int
    """0: those on duty; then each of `escalate_to`; beyond that, everybody again."""
    rounds: int
    """How often people have been paged."""
    paged: tuple[str, ...] = field(name="told")
    """Who has been paged; stored as `told`, by its former name."""
    due_at: datetime | None
    """When the next people are paged; None while somebody is handling the case."""
    version: int = 1
    about: str = ""
    """The problem in the words of the page, repeated in the message that it is over."""


class Page(Struct, frozen=True, kw_only=True):
    """One message to one person."""

    page_id: str
    """The same whichever replica makes it, so that it is made once."""
    kind: PageKind
    who: str
    case_id: str | None
    rule: str | None
    severity: Severity | None
    subject: str
    text: str
    created_at: datetime
    due_at: datetime
    """When it is sent, or tried again."""
    status: PageStatus = "waiting"
    attempts: int = 0
    sent_at: datetime | None = None
    problem: str = ""
    """Why the last attempt failed, or which of several channels did."""
    claim: str = ""
    """Who is sending it, until `due_at`."""


class Pages:
    """The collections `pages` and `escalations`."""

    name: Final = "pages"
    escalations_name: Final = "escalations"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        with self._link.asking(seconds=LONG_SECONDS):
            self._link.collection(self.name).create_indexes(
                [
                    IndexModel([("status", ASCENDING), ("due_at", ASCENDING)], name="waiting"),
                    IndexModel([("case_id", ASCENDING), ("created_at", DESCENDING)], name="of_a_case"),
                    IndexModel([("created_at", ASCENDING)], name="forget", expireAfterSeconds=FORGET_SECONDS),
                ]
            )

    def escalations(self) -> dict[str, Escalation]:
        """All escalations, by case."""
        with self._link.asking():
            documents = list(self._link.collection(self.escalations_name).find())
        found = self._link.unreadable.passed_over(self.escalations_name, documents, _escalation)
        return {each.case_id: each for each in found}

    def put_escalation(self, after: Escalation | None, *, before: Escalation | None) -> bool:
        """Write an escalation or, with None, delete it; False, with nothing written, if another replica came first."""
        collection = self._link.collection(self.escalations_name)
        with self._link.asking():
            if before is None:
                try:
                    collection.insert_one(_plain(after, "case_id") if after is not None else {})
                except DuplicateKeyError:
                    return False
                return True
            expected = {"_id": before.case_id, "version": before.version}
            if after is None:
                return collection.delete_one(expected).deleted_count == 1
            return collection.replace_one(expected, _plain(after, "case_id")).matched_count == 1

    def hurry(self, case_id: str, at: datetime) -> None:
        """Escalate a case at once, because nobody could be reached."""
        with self._link.asking():
            self._link.collection(self.escalations_name).update_one(
                {"_id": case_id, "due_at": {"$gt": at}}, {"$set": {"due_at": at}, "$inc": {"version": 1}}
            )

    def add(self, pages: Sequence[Page]) -> None:
        """File pages; existing ones do not change."""
        self._link.insert(self.name, [_plain(page, "page_id") for page in pages])

    def claim(self, claim: str, *, now: datetime, lease: timedelta, limit: int = 500) -> Sequence[Page]:
        """Take the pages that are due for sending, oldest first; nobody else gets them during the lease.

        If this process dies, they are due again when the lease is over.
        """
        collection = self._link.collection(self.name)
        due = {"status": "waiting", "due_at": {"$lte": now}}
        with self._link.asking():
            ids = [
                documents["_id"]
                for documents in collection.find(due, {"_id": 1}).sort("created_at", ASCENDING).limit(limit)
            ]
            if not ids:
                return []
            collection.update_many({"_id": {"$in": ids}, **due}, {"$set": {"claim": claim, "due_at": now + lease}})
            documents = collection.find({"_id": {"$in": ids}, "claim": claim, "status": "waiting"})
            documents = documents.sort("created_at", ASCENDING)
            return list(self._link.unreadable.passed_over(self.name, documents, _page))

    def done(self, page_id: str, claim: str, **fields: object) -> None:
        """Record the outcome of a claimed page."""
        with self._link.asking():
            self._link.collection(self.name).update_one(
                {"_id": page_id, "claim": claim}, {"$set": {**fields, "claim": ""}}
            )

    def of_cases(self, case_ids: Sequence[str], *, limit: int) -> Sequence[Page]:
        """Pages about cases, newest first."""
        return self._find({"case_id": {"$in": list(case_ids)}}, limit=limit)

    def latest(self, *, limit: int) -> Sequence[Page]:
        """Pages, newest first."""
        return self._find({}, limit=limit)

    def between(self, since: datetime, until: datetime) -> Sequence[Page]:
        """Pages made in [since, until), newest first."""
        return self._find({"created_at": {"$gte": since, "$lt": until}}, limit=0)

    def _find(self, query: Document, *, limit: int) -> Sequence[Page]:
        with self._link.asking():
            documents = self._link.collection(self.name).find(query).sort("created_at", pymongo.DESCENDING).limit(limit)
            return list(self._link.unreadable.passed_over(self.name, documents, _page))


def _plain(value: Struct, key: str) -> Document:
    document: Document = msgspec.to_builtins(value, builtin_types=(datetime,))
    document["_id"] = document.pop(key)
    return document


def _escalation(document: Document) -> Escalation:
    return msgspec.convert({**document, "case_id": document["_id"]}, Escalation)


def _page(document: Document) -> Page:
    return msgspec.convert({**document, "page_id": document["_id"]}, Page)
