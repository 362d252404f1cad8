"""The connection to the database; driver errors are converted here."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, timedelta
from typing import Any, Final

import pymongo
from bson.errors import BSONError
from pymongo import MongoClient, ReplaceOne, UpdateOne, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, CollectionInvalid, ConfigurationError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from energytrack.errors import StoreRefused, StoreUnavailable
from energytrack.store.unreadable import UnreadableDocuments

Document = dict[str, Any]

FIND_SERVER_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 20.0
"""A server that takes longer for one round trip counts as unavailable (a full disk, a stopped process)."""
LONG_SECONDS: Final = 900.0
"""For building an index, or counting everything."""

FEW: Final = 20
"""Up to this many machines are queried one by one, instead of reading the documents of all."""
IDS_AT_ONCE: Final = 100
"""SecantusDB compares each document that it finds by id with all ids of the query: 3,000 at once take 14 s."""

REFUSALS: Final = frozenset({2, 9, 13, 14, 18, 59, 72, 8000})
"""BadValue, FailedToParse, Unauthorized, TypeMismatch, AuthenticationFailed, CommandNotFound, InvalidOptions and
AtlasError: trying again would not help.
"""
QUICK: Final = WriteConcern(w=1, j=False)
DUPLICATE_KEY: Final = 11000
NAMESPACE_EXISTS: Final = 48
_limited: ContextVar[bool] = ContextVar("limited", default=False)


class Link:
    """One client, which connects when it is first used and reconnects by itself."""

    def __init__(self, uri: str, database: str) -> None:
        with answering("the given address"):
            self.address = ",".join(f"{host}:{port}" for host, port in parse_uri(uri)["nodelist"])
        with answering(self.address):
            self._client: MongoClient[Document] = MongoClient(
                uri,
                connect=False,
                tz_aware=True,
                tzinfo=UTC,
                appname="energytrack",
                serverSelectionTimeoutMS=round(FIND_SERVER_SECONDS * 1000),
                timeoutMS=round(ANSWER_SECONDS * 1000),
                w="majority",
                journal=True,  # an acknowledged write is on disk
            )
            self.database: Database[Document] = self._client[database]
        self.unreadable: Final = UnreadableDocuments()

    def collection(self, name: str) -> Collection[Document]:
        """A collection, whether it exists or not."""
        return self.database[name]

    @contextmanager
    def asking(self, *, seconds: float = ANSWER_SECONDS) -> Iterator[None]:
        """Around every call: at most `seconds`; raises StoreUnavailable or StoreRefused, never a driver's error."""
        with answering(self.address), pymongo.timeout(seconds):
            yield

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Around several calls: at most `seconds` in total; within it, retries are left to the caller."""
        token = _limited.set(True)
        try:
            with self.asking(seconds=seconds):
                yield
        finally:
            _limited.reset(token)

    def ping(self) -> None:
        """Return when the server answers."""
        with self.asking(seconds=FIND_SERVER_SECONDS):
            self._client.admin.command("ping")

    def expires(self) -> bool:
        """Whether the server enforces the expiry of time series; SecantusDB accepts the option, without effect."""
        with self.asking():
            return "secantusVersion" not in self._client.admin.command("buildInfo")

    def close(self) -> None:
        self._client.close()

    def prepare_time_series(self, name: str, *, days: int) -> None:
        """Create a time-series collection that expires after `days`, or set the expiry of an existing one."""
        seconds = round(timedelta(days=days).total_seconds())
        layout = {"timeField": "timestamp", "metaField": "device", "granularity": "seconds"}
        with self.asking(seconds=LONG_SECONDS):
            try:
                self.database.create_collection(name, timeseries=layout, expireAfterSeconds=seconds)
            except CollectionInvalid:
                self._set_expiry(name, seconds)
            except OperationFailure as error:
                if error.code != NAMESPACE_EXISTS:  # another service was faster
                    raise
                self._set_expiry(name, seconds)

    def _set_expiry(self, name: str, seconds: int) -> None:
        (collection,) = self.database.list_collections(filter={"name": name})
        if collection["options"].get("expireAfterSeconds") != seconds:
            self.database.command("collMod", name, expireAfterSeconds=seconds)

    def prepare_index(self, name: str, *fields: str) -> None:
        """Create an ascending index if it does not exist."""
        with self.asking(seconds=LONG_SECONDS):
            self.collection(name).create_index([(field, pymongo.ASCENDING) for field in fields])

    def find_by_id(
        self, name: str, ids: Iterable[str], fields: Document | None = None, *, seconds: float = ANSWER_SECONDS
    ) -> Iterator[Document]:
        """The existing documents with these ids, some at a time, each query within `seconds`."""
        wanted = sorted(ids)
        for start in range(0, len(wanted), IDS_AT_ONCE):
            some: Document = {"_id": {"$in": wanted[start : start + IDS_AT_ONCE]}}
            with self.asking(seconds=seconds):
                documents = list(self.collection(name).find(some, fields))
            yield from documents

    def find_since(self, name: str, device_ids: Iterable[str], first: date) -> Iterator[Document]:
        """Documents of machines' local days from a date on, in no order.

        For more than a few machines, it is one query by day, which reads the days of all others too: ask for many at
        once.
        """
        since: Document = {"date": {"$gte": first.isoformat()}}
        names = frozenset(device_ids)
        each_one: list[Document] = [{"device": device_id, **since} for device_id in sorted(names)]
        for wanted in each_one if len(names) <= FEW else [since]:
            with self.asking(seconds=LONG_SECONDS):
                documents = [each for each in self.collection(name).find(wanted) if each.get("device") in names]
            yield from documents

    def insert_new(self, name: str, documents: Sequence[Document]) -> frozenset[int]:
        """Insert documents in one round trip; returns the positions of those whose _id exists already.

        Does not wait for the disk, like `upsert`, and costs SecantusDB a tenth of it.
        """
        if not documents:
            return frozenset()
        with self.asking():
            try:
                self.collection(name).with_options(write_concern=QUICK).insert_many(documents, ordered=False)
            except BulkWriteError as error:
                _raise_unless_duplicates(error)
                return frozenset(problem["index"] for problem in error.details["writeErrors"])
        return frozenset()

    def insert(self, name: str, documents: Sequence[Document]) -> frozenset[int]:
        """Insert documents in one round trip; returns the positions of those that a unique index forbids.

        One whose _id already exists counts as inserted.
        """
        if not documents:
            return frozenset()
        with self.asking():
            try:
                self.collection(name).insert_many(documents, ordered=False)
            except BulkWriteError as error:
                _raise_unless_duplicates(error)
                return frozenset(
                    problem["index"] for problem in error.details["writeErrors"] if "_id" not in _index_of(problem)
                )
        return frozenset()

    def update(self, name: str, operations: Sequence[UpdateOne]) -> int:
        """Execute updates of existing documents in one round trip; returns how many were carried out.

        Does not wait for the disk, like `upsert`.
        """
        if not operations:
            return 0
        with self.asking():
            collection = self.collection(name).with_options(write_concern=QUICK)
            return collection.bulk_write(operations, ordered=False).modified_count

    def upsert(self, name: str, operations: Sequence[UpdateOne | ReplaceOne[Document]]) -> int:
        """Execute upserts in one round trip; an upsert that its own guard turns into a duplicate is not an error.

        Returns how many were carried out.

        Does not wait for the disk: SecantusDB would sync for each upsert separately (7 ms). Only for data that is
        written again anyway.
        """
        if not operations:
            return 0
        with self.asking():
            try:
                done = self.collection(name).with_options(write_concern=QUICK).bulk_write(operations, ordered=False)
            except BulkWriteError as error:
                _raise_unless_duplicates(error)
                return int(error.details["nMatched"]) + int(error.details["nUpserted"])
            return done.matched_count + done.upserted_count


def is_limited() -> bool:
    """Whether this thread's calls have a time limit: after it, no further attempt can succeed."""
    return _limited.get()


@contextmanager
def answering(address: str) -> Iterator[None]:
    """Convert a driver's error: StoreRefused if trying again would not help, else StoreUnavailable."""
    try:
        yield
    except (ConfigurationError, BSONError, UnicodeError, OverflowError) as error:
        raise StoreRefused(address, _sentence(error)) from error
    except OperationFailure as error:
        refused = error.code in REFUSALS
        raise (StoreRefused if refused else StoreUnavailable)(address, _sentence(error)) from error
    except PyMongoError as error:
        raise StoreUnavailable(address, _sentence(error)) from error


def _index_of(problem: Document) -> Document:
    """The fields of the unique index that a document violates."""
    pattern: Document = problem.get("keyPattern") or {}
    return pattern


def _raise_unless_duplicates(error: BulkWriteError) -> None:
    others = [problem for problem in error.details["writeErrors"] if problem["code"] != DUPLICATE_KEY]
    if others or error.details["writeConcernErrors"]:
        raise error


def _sentence(error: Exception) -> str:
    return str(error).split(", full error:")[0].split(", Timeout:")[0][:300] or type(error).__name__
