"""Change counters, one for each kind of record, by which replicas notice each other's changes."""

from collections.abc import Mapping
from typing import Final, Literal

from energytrack.store.link import QUICK, Link

Kind = Literal["orders", "locks", "alarms", "schedules"]
KINDS: Final[tuple[Kind, ...]] = ("orders", "locks", "alarms", "schedules")


class ChangeCounters:
    """The collection `pulse`, one small document for each kind."""

    name: Final = "pulse"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create."""

    def record(self, kind: Kind) -> None:
        """Count a change of a kind; without waiting for the disk, because old counts are not needed."""
        with self._link.asking():
            collection = self._link.collection(self.name).with_options(write_concern=QUICK)
            collection.update_one({"_id": kind}, {"$inc": {"beats": 1}}, upsert=True)

    def counts(self) -> Mapping[str, int]:
        """How often each kind has changed."""
        with self._link.asking():
            return {document["_id"]: document["beats"] for document in self._link.collection(self.name).find()}
