"""Retraining runs: a permanent record of each run, and the lease that allows only one run at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from msgspec import Struct
from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from energytrack.store.link import Document, Link

Trigger = Literal["schedule", "drift", "hand"]
TRIGGERS: Final[tuple[Trigger, ...]] = ("schedule", "drift", "hand")
Verdict = Literal["promoted", "kept", "rolled_back", "failed"]
VERDICTS: Final[tuple[Verdict, ...]] = ("promoted", "kept", "rolled_back", "failed")
"""The outcome of a run: a new champion, the old one, an earlier one by command, or none because of an error."""


class RunReason(Struct, frozen=True):
    """A reason for the outcome of a run."""

    why: str
    """One of a small fixed set, for use as a metric label."""
    about: str
    """The version of the challenger or model."""
    text: str


class Run(Struct, frozen=True, kw_only=True):
    """One retraining run, or one rollback."""

    run_id: str
    """A ULID: sorts by time."""
    trigger: Trigger
    started_at: datetime
    finished_at: datetime
    verdict: Verdict
    version: str | None
    """The model in use afterwards; None if there is none."""
    before: str | None
    """The model in use before."""
    events: int = 0
    """Failures in the newest block of data, on which the gate decided."""
    rows: int = 0
    """Rows of the training table."""
    reasons: tuple[RunReason, ...] = ()


class Runs:
    """The collections `model_runs` and `model_lease`."""

    name: Final = "model_runs"
    lease_name: Final = "model_lease"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: a run's id is its key, and sorts by time."""

    def add(self, run: Run) -> None:
        """Store the record of a run."""
        document: Document = msgspec.to_builtins(run, builtin_types=(datetime,))
        document["_id"] = document.pop("run_id")
        self._link.insert(self.name, [document])

    def recent(self, limit: int) -> tuple[Run, ...]:
        """The last runs, newest first."""
        with self._link.asking():
            documents = self._link.collection(self.name).find().sort("_id", DESCENDING).limit(limit)
            return tuple(self._link.unreadable.passed_over(self.name, documents, _run))

    def last(self, *verdicts: Verdict) -> Run | None:
        """The last run with one of these outcomes; None if there is none."""
        with self._link.asking():
            documents = self._link.collection(self.name).find({"verdict": {"$in": list(verdicts)}})
            found = documents.sort("_id", DESCENDING).limit(1)
            return next(self._link.unreadable.passed_over(self.name, found, _run), None)

    def counts(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """The number of runs by outcome, and of reasons by kind."""
        verdicts: dict[str, int] = {}
        whys: dict[str, int] = {}
        with self._link.asking():
            for document in self._link.collection(self.name).find({}, {"verdict": 1, "reasons.why": 1}):
                verdicts[document["verdict"]] = verdicts.get(document["verdict"], 0) + 1
                for reason in document["reasons"]:
                    whys[reason["why"]] = whys.get(reason["why"], 0) + 1
        return verdicts, whys

    def take(self, holder: str, *, now: datetime, lasts: timedelta) -> bool:
        """Acquire or extend the lease until `now` + `lasts`; False if another run has it."""
        mine = {"_id": "retraining", "$or": [{"holder": holder}, {"until": {"$lt": now}}]}
        with self._link.asking():
            try:
                self._link.collection(self.lease_name).update_one(
                    mine, {"$set": {"holder": holder, "until": now + lasts}}, upsert=True
                )
            except DuplicateKeyError:
                return False
        return True

    def leave(self, holder: str) -> None:
        """Release the lease."""
        with self._link.asking():
            self._link.collection(self.lease_name).delete_one({"_id": "retraining", "holder": holder})


def _run(document: Document) -> Run:
    return msgspec.convert({**document, "run_id": document["_id"]}, Run)
