"""Alarms: one document per machine and rule, and a log of every change by people and rules."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel, ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from energytrack.store.link import LONG_SECONDS, Document, Link

AlarmState = Literal["active", "acknowledged", "snoozed", "cleared"]
ALARM_STATES: Final[tuple[AlarmState, ...]] = ("active", "acknowledged", "snoozed", "cleared")
OPEN_STATES: Final[tuple[AlarmState, ...]] = ("active", "acknowledged", "snoozed")
Severity = Literal["critical", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "warning", "info")
Verdict = Literal["true_alarm", "false_alarm"]
Deed = Literal["opened", "reopened", "cleared", "woke", "acknowledged", "snoozed", "commented", "assigned", "judged"]
RULES_NAME: Final = "rule"
"""The actor in the log for changes by rules."""
RISK_RULES: Final = frozenset({"FailureRiskHigh", "FailureRiskCritical"})
"""The rules that report what the model predicts; it gives its reasons meanwhile."""


class Alarm(Struct, frozen=True, kw_only=True):
    """An alarm: what a rule reports about a machine, and what people did about it."""

    alarm_id: str
    """Derived from rule and machine, so the same alarm keeps its id."""
    rule: str
    device_id: str | None
    """None if the rule is about the plant or the pipeline."""
    line: str | None
    severity: Severity
    state: AlarmState
    summary: str
    description: str
    factors: tuple[str, ...]
    """The model's top factors in words when the alarm opened; of RISK_RULES, as soon as they were stored."""
    links: dict[str, str]
    """URLs by name: `rule`, `dashboard`, `runbook`."""
    opened_at: datetime
    updated_at: datetime
    """When the rule last reported."""
    episode: int = 1
    """The number of times that it has opened."""
    previous_ended_at: datetime | None = None
    """When the previous episode ended."""
    notifications: int = 1
    """How often the rule reported in this episode."""
    cleared_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    snoozed_until: datetime | None = None
    assignee: str | None = None
    verdict: Verdict | None = None
    finding: str | None = None
    judged_by: str | None = None
    judged_at: datetime | None = None
    senders: dict[str, datetime] = {}
    """Senders that confirm it, and when each last did; the alarm ends when none of them confirms it any more."""
    unseen_since: datetime | None = None
    """Since when Prometheus no longer reports it, although it is open."""
    cleared_because: str = ""
    version: int = 1
    """Counts changes, to detect concurrent ones."""


class LogEntry(Struct, frozen=True, kw_only=True):
    """A change of an alarm."""

    entry_id: str
    """A ULID: sorts by time."""
    alarm_id: str
    rule: str
    device_id: str | None
    episode: int
    opened_at: datetime
    """When the episode opened."""
    at: datetime
    deed: Deed
    by: str
    role: str
    address: str
    text: str = ""
    verdict: Verdict | None = None
    assignee: str | None = None
    until: datetime | None = None


class AlarmFilter(Struct, frozen=True, kw_only=True):
    """A filter; None does not restrict."""

    states: tuple[AlarmState, ...] | None = None
    device_id: str | None = None
    rule: str | None = None
    severity: Severity | None = None
    assignee: str | None = None
    changed_since: datetime | None = None


class Alarms:
    """The collections `alarms` and `alarm_log`."""

    name: Final = "alarms"
    log_name: Final = "alarm_log"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        with self._link.asking(seconds=LONG_SECONDS):
            self._link.collection(self.name).create_indexes(
                [
                    IndexModel([("state", ASCENDING), ("opened_at", DESCENDING)], name="by_state"),
                    IndexModel([("device_id", ASCENDING)], name="of_a_device"),
                ]
            )
            self._link.collection(self.log_name).create_indexes(
                [
                    IndexModel([("alarm_id", ASCENDING), ("_id", DESCENDING)], name="of_an_alarm"),
                    IndexModel([("deed", ASCENDING), ("at", ASCENDING)], name="verdicts"),
                    IndexModel([("at", ASCENDING)], name="by_time"),
                ]
            )

    def get(self, alarm_id: str) -> Alarm | None:
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": alarm_id})
        return self._link.unreadable.needed(self.name, document, _alarm)

    def by_ids(self, alarm_ids: Sequence[str]) -> dict[str, Alarm]:
        """The existing alarms among these ids, by id."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find({"_id": {"$in": list(alarm_ids)}}))
        alarms = (self._link.unreadable.needed(self.name, document, _alarm) for document in documents)
        return {alarm.alarm_id: alarm for alarm in alarms if alarm is not None}

    def put_many(self, changes: Sequence[tuple[Alarm, Alarm | None, LogEntry | None]]) -> bool:
        """Write many changes in two round trips; False if another change to one of them came first.

        Then only some are written: the caller checks again, and retries each by itself.
        """
        operations = [
            ReplaceOne(
                {"_id": alarm.alarm_id, "version": 0 if before is None else before.version},
                _document(alarm),
                upsert=before is None,
            )
            for alarm, before, _ in changes
        ]
        with self._link.asking():
            try:
                done = self._link.collection(self.name).bulk_write(operations, ordered=False)
            except BulkWriteError:
                return False
        if done.matched_count + done.upserted_count < len(operations):
            return False
        self._link.insert(self.log_name, [_logged(entry) for _, _, entry in changes if entry is not None])
        return True

    def find(self, wanted: AlarmFilter, *, limit: int = 0, offset: int = 0) -> Sequence[Alarm]:
        """Alarms, newest episode first."""
        with self._link.asking():
            documents = self._link.collection(self.name).find(_query(wanted)).sort("opened_at", DESCENDING)
            return list(self._link.unreadable.passed_over(self.name, documents.skip(offset).limit(limit), _alarm))

    def count(self, wanted: AlarmFilter) -> int:
        """The number of alarms that match."""
        with self._link.asking():
            return self._link.collection(self.name).count_documents(_query(wanted))

    def put(self, alarm: Alarm, *, before: Alarm | None, entry: LogEntry | None) -> bool:
        """Write a change of an alarm and its log entry; False, with nothing written, if another change came first."""
        document = _document(alarm)
        collection = self._link.collection(self.name)
        with self._link.asking():
            if before is None:
                try:
                    collection.insert_one(document)
                except DuplicateKeyError:
                    return False
            elif (
                collection.replace_one({"_id": alarm.alarm_id, "version": before.version}, document).matched_count == 0
            ):
                return False
        if entry is not None:
            self._link.insert(self.log_name, [_logged(entry)])
        return True

    def log(self, *, alarm_id: str | None = None, limit: int, before: str | None = None) -> Sequence[LogEntry]:
        """The changes of one alarm, or of all, newest first."""
        query: Document = {} if alarm_id is None else {"alarm_id": alarm_id}
        if before is not None:
            query["_id"] = {"$lt": before}
        with self._link.asking():
            documents = self._link.collection(self.log_name).find(query).sort("_id", DESCENDING).limit(limit)
            return list(self._link.unreadable.passed_over(self.log_name, documents, _entry))

    def remarks(self, alarm_ids: Sequence[str], *, limit: int) -> Sequence[LogEntry]:
        """Comments on some alarms, with any kind of change, newest first."""
        query: Document = {"alarm_id": {"$in": list(alarm_ids)}, "text": {"$ne": ""}, "by": {"$ne": RULES_NAME}}
        with self._link.asking():
            documents = self._link.collection(self.log_name).find(query).sort("_id", DESCENDING).limit(limit)
            return list(self._link.unreadable.passed_over(self.log_name, documents, _entry))

    def log_between(self, since: datetime, until: datetime) -> Sequence[LogEntry]:
        """All changes in [since, until), oldest first."""
        with self._link.asking(seconds=LONG_SECONDS):
            documents = self._link.collection(self.log_name).find({"at": {"$gte": since, "$lt": until}})
            return list(self._link.unreadable.passed_over(self.log_name, documents.sort("at", ASCENDING), _entry))

    def verdicts(self, *, since: datetime, until: datetime) -> Iterator[LogEntry]:
        """People's verdicts in [since, until), oldest first; retraining learns from them.

        Of several verdicts on one episode the last one counts.
        """
        query = {"deed": "judged", "at": {"$gte": since, "$lt": until}}
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(self.log_name).find(query).sort("at", ASCENDING))
        last = {(document["alarm_id"], document["episode"]): document for document in documents}
        yield from self._link.unreadable.passed_over(self.log_name, last.values(), _entry)

    def openings(self, *, since: datetime, until: datetime) -> Iterator[LogEntry]:
        """Alarms that opened in [since, until), oldest first: the first entry of each episode."""
        query = {"deed": {"$in": ["opened", "reopened"]}, "at": {"$gte": since, "$lt": until}}
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(self.log_name).find(query).sort("at", ASCENDING))
        first: dict[tuple[str, int], Document] = {}
        for document in documents:
            first.setdefault((document["alarm_id"], document["episode"]), document)
        yield from self._link.unreadable.passed_over(self.log_name, first.values(), _entry)


def _query(wanted: AlarmFilter) -> Document:
    query: Document = {
        name: value
        for name in ("device_id", "rule", "severity", "assignee")
        if (value := getattr(wanted, name)) is not None
    }
    if wanted.states is not None:
        query["state"] = {"$in": list(wanted.states)}
    if wanted.changed_since is not None:
        query["updated_at"] = {"$gte": wanted.changed_since}
    return query


def _document(alarm: Alarm) -> Document:
    document: Document = msgspec.to_builtins(alarm, builtin_types=(datetime,))
    document["_id"] = document.pop("alarm_id")
    return document


def _logged(entry: LogEntry) -> Document:
    document: Document = msgspec.to_builtins(entry, builtin_types=(datetime,))
    document["_id"] = document.pop("entry_id")
    return document


def _alarm(document: Document) -> Alarm:
    return msgspec.convert({**document, "alarm_id": document["_id"]}, Alarm)


def _entry(document: Document) -> LogEntry:
    return msgspec.convert({**document, "entry_id": document["_id"]}, LogEntry)
