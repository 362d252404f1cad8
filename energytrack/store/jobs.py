"""The typed wall around APScheduler: recurring jobs in MongoDB, kept as plain fields and never as pickles.

The library's own MongoDB job store unpickles what it reads, so whoever may write to the database could run code in the
service. All jobs here do the same thing at another time, so their id, times and days are all there is to keep.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from apscheduler.job import Job
from apscheduler.jobstores.base import ConflictingIdError, JobLookupError
from apscheduler.jobstores.mongodb import MongoDBJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.util import datetime_to_utc_timestamp, utc_timestamp_to_datetime
from pymongo.errors import DuplicateKeyError

from energytrack.calendar import Weekday
from energytrack.errors import StoreUnavailable
from energytrack.store.link import Document, Link

COLLECTION: Final = "schedule_jobs"
LATE_SECONDS: Final = 15 * 60
"""A job that is later than this, because nothing ran at its time, waits for its next time."""
ALIAS: Final = "default"


class Jobs:
    """Runs one thing at the times of many jobs; several services may share the jobs."""

    def __init__(self, link: Link, zone: ZoneInfo, run: Callable[[str], None]) -> None:
        self._link = link
        self._zone = zone
        self._run = run
        self._scheduler = BackgroundScheduler(
            jobstores={ALIAS: _PlainJobStore(link, zone, run)},
            timezone=zone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": LATE_SECONDS},
        )

    def start(self) -> None:
        """Begin to run what is due."""
        with self._link.asking():
            self._scheduler.start()

    def stop(self) -> None:
        """Run nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def look(self) -> None:
        """See what another service has changed meanwhile."""
        if self._scheduler.running:
            self._scheduler.wakeup()

    def put(self, job_id: str, days: Sequence[Weekday], at: str) -> None:
        """Run it on these days at this time of the plant's clock, from now on."""
        if not self._scheduler.running:
            raise StoreUnavailable(self._link.address, "the schedules have not been read yet")
        hour, minute = at.split(":")
        trigger = CronTrigger(day_of_week=",".join(days), hour=int(hour), minute=int(minute), timezone=self._zone)
        with self._link.asking():
            self._scheduler.add_job(self._run, trigger, args=(job_id,), id=job_id, replace_existing=True)

    def drop(self, job_id: str) -> None:
        """Run it no more."""
        with self._link.asking():
            try:
                self._scheduler.remove_job(job_id)
            except JobLookupError:
                return

    def next_run(self, job_id: str) -> datetime | None:
        """When it runs next; None where it does not."""
        if not self._scheduler.running:
            return None
        with self._link.asking():
            job = self._scheduler.get_job(job_id)
        moment: datetime | None = None if job is None else job.next_run_time
        return moment


class _PlainJobStore(MongoDBJobStore):  # type: ignore[misc]  # the library is untyped
    """The library's MongoDB job store, with days and time instead of a pickle."""

    def __init__(self, link: Link, zone: ZoneInfo, run: Callable[[str], None]) -> None:
        super().__init__(database=link.database.name, collection=COLLECTION, client=link.database.client)
        self._zone = zone
        self._run = run

    def lookup_job(self, job_id: str) -> Job | None:
        """One job."""
        document = self.collection.find_one({"_id": job_id})
        return None if document is None else self._reconstitute_job(document)

    def add_job(self, job: Job) -> None:
        """Keep a new job."""
        try:
            self.collection.insert_one({"_id": job.id, **_plain(job)})
        except DuplicateKeyError as error:
            raise ConflictingIdError(job.id) from error

    def update_job(self, job: Job) -> None:
        """Keep a job's next time."""
        if self.collection.update_one({"_id": job.id}, {"$set": _plain(job)}).matched_count == 0:
            raise JobLookupError(job.id)

    def shutdown(self) -> None:
        """Leave the connection to those it belongs to."""

    def _get_jobs(self, conditions: Document) -> list[Job]:
        return [self._reconstitute_job(document) for document in self.collection.find(conditions).sort("next_run_time")]

    def _reconstitute_job(self, document: Document) -> Job:
        job = Job.__new__(Job)
        state: dict[str, Any] = {
            "version": 1,
            "id": document["_id"],
            "name": document["_id"],
            "func": "builtins:print",  # replaced below
            "args": (document["_id"],),
            "kwargs": {},
            "executor": "default",
            "trigger": CronTrigger(
                day_of_week=document["days"], hour=document["hour"], minute=document["minute"], timezone=self._zone
            ),
            "coalesce": True,
            "max_instances": 1,
            "misfire_grace_time": LATE_SECONDS,
            "next_run_time": _local(document["next_run_time"], self._zone),
        }
        job.__setstate__(state)
        job.func = self._run
        job._scheduler = self._scheduler  # noqa: SLF001  # as the library's own stores do
        job._jobstore_alias = self._alias  # noqa: SLF001
        return job


def _plain(job: Job) -> Document:
    fields = {field.name: str(field) for field in job.trigger.fields}
    return {
        "days": fields["day_of_week"],
        "hour": int(fields["hour"]),
        "minute": int(fields["minute"]),
        "next_run_time": datetime_to_utc_timestamp(job.next_run_time),
    }


def _local(timestamp: float | None, zone: ZoneInfo) -> datetime | None:
    return None if timestamp is None else utc_timestamp_to_datetime(timestamp).astimezone(zone)
