"""A plant to back up, and the result of restoring it."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from energytrack.backup.making import FinishedBackup
from energytrack.backup.restoring import restore_database
from energytrack.plant import Place
from energytrack.settings import MongoSettings
from energytrack.store import Store
from energytrack.store.contents import open_contents
from energytrack.store.learning.models import ModelEntry
from energytrack.store.open import open_store
from testkit.builders.control import a_lock, an_alarm, an_order
from testkit.builders.messages import NOW, a_reading, an_event, an_insight

SECOND = timedelta(seconds=1)


def restored(
    made: FinishedBackup, settings: MongoSettings, *, replace: bool = False, key: Path | None = None
) -> FinishedBackup:
    """Restore a backup's database in this one."""
    with closing(open_contents(settings)) as contents, closing(open_store(settings)) as store:
        return restore_database(made.file, key, contents, store, replace=replace)


def documents(settings: MongoSettings) -> dict[str, dict[str, Any]]:
    """All documents of a database, by collection and key, without those that change by themselves."""
    with MongoClient[dict[str, Any]](settings.uri.get_secret_value(), tz_aware=True) as client:
        database = client[settings.database]
        return {
            name: {str(each["_id"]): each for each in database[name].find()}
            for name in database.list_collection_names()
        }


def a_plant(store: Store) -> None:
    """Store a plant with something in each kind of collection."""
    for begin in range(0, 3000, 500):  # as services store them, so that one command stays within its time
        seconds = range(begin, begin + 500)
        store.readings.put([a_reading(f"cnc-{i % 30:04d}", timestamp=NOW + i * SECOND) for i in seconds])
    store.insights.put([an_insight()], lambda _: Place("cnc_machine", "line-a"))
    store.events.put([an_event("failure"), an_event("fault_code")])
    store.meters.begin({f"cnc-{i:04d}": NOW.timestamp() for i in range(30)})
    store.commands.add(an_order())
    store.locks.add(a_lock())
    store.alarms.put(an_alarm(), before=None, entry=None)
    store.models.put(ModelEntry("v1", NOW, "{}", "00"), b"a model" * 100_000)
    for number in range(5):
        store.audit.append("orders", at=NOW + number * SECOND, subject="maria", role="Editor", address="192.0.2.7",
                           deed="POST /api/shutdown", details="{}")  # fmt: skip


class Killed(BaseException):
    """Stands for kill -9: none of our code runs after it."""
