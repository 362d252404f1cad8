"""Recurring orders: what happens when, who created it, and each run, which happens once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct
from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from energytrack.contract.calendar import DayKind
from energytrack.fields import Action
from energytrack.store.link import Document, Link

ScheduleState = Literal["active", "paused", "deleted"]
ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d\Z")]


class ScheduleChange(Struct, frozen=True):
    at: datetime
    deed: Literal["created", "paused", "resumed", "deleted"]
    by: str
    role: str
    address: str


class Schedule(Struct, frozen=True, kw_only=True):
    """A recurring order."""

    schedule_id: str
    name: str
    action: Action
    days: tuple[DayKind, ...]
    at: ClockTime
    """In plant time."""
    reason: str
    state: ScheduleState = "active"
    override: bool = False
    line: str | None = None
    device_type: str | None = None
    device_ids: tuple[str, ...] | None = None
    idle_minutes: float | None = None
    log: tuple[ScheduleChange, ...]
    """Changes by people, oldest first."""
    last_run_at: datetime | None = None
    last_sentence: str | None = None
    """The result of its last run, in words."""
    last_batch_id: str | None = None


class Schedules:
    """The collections `schedules`, and `schedule_runs`, which ensures that no run happens twice."""

    name: Final = "schedules"
    runs_name: Final = "schedule_runs"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: schedules are few."""

    def add(self, schedule: Schedule) -> None:
        """Store a new schedule."""
        document: Document = msgspec.to_builtins(schedule, builtin_types=(datetime,))
        document["_id"] = document.pop("schedule_id")
        self._link.insert(self.name, [document])

    def get(self, schedule_id: str) -> Schedule | None:
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": schedule_id})
        return self._link.unreadable.needed(self.name, document, _schedule)

    def all(self, *, deleted: bool = False) -> Sequence[Schedule]:
        """All schedules, newest first."""
        query: Document = {} if deleted else {"state": {"$ne": "deleted"}}
        with self._link.asking():
            documents = self._link.collection(self.name).find(query).sort("_id", DESCENDING)
            return list(self._link.unreadable.passed_over(self.name, documents, _schedule))

    def put_state(self, schedule_id: str, state: ScheduleState, deed: ScheduleChange) -> Schedule | None:
        """Pause, resume or delete a schedule; None if it does not exist (any longer)."""
        with self._link.asking():
            self._link.collection(self.name).update_one(
                {"_id": schedule_id, "state": {"$ne": "deleted"}},
                {"$set": {"state": state}, "$push": {"log": msgspec.to_builtins(deed, builtin_types=(datetime,))}},
            )
        return self.get(schedule_id)

    def claim(self, schedule_id: str, due: str, at: datetime) -> bool:
        """Claim one run, named by its due time; if several replicas try, one gets True."""
        with self._link.asking():
            try:
                self._link.collection(self.runs_name).insert_one({"_id": f"{schedule_id} {due}", "at": at})
            except DuplicateKeyError:
                return False
        return True

    def ran(self, schedule_id: str, *, at: datetime, sentence: str, batch_id: str | None) -> None:
        """Store the result of a run."""
        fields = {"last_run_at": at, "last_sentence": sentence, "last_batch_id": batch_id}
        with self._link.asking():
            self._link.collection(self.name).update_one({"_id": schedule_id}, {"$set": fields})


def _schedule(document: Document) -> Schedule:
    return msgspec.convert({**document, "schedule_id": document["_id"]}, Schedule)
