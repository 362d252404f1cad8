"""What changed: a counter for each kind of thing that people keep, so that replicas notice each other's changes."""

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
        """Say that something of a kind has changed; not waiting for the disk, since nobody needs an old beat."""
        with self._link.asking():
            collection = self._link.collection(self.name).with_options(write_concern=QUICK)
            collection.update_one({"_id": kind}, {"$inc": {"beats": 1}}, upsert=True)

    def counts(self) -> Mapping[str, int]:
        """How often each kind has changed."""
        with self._link.asking():
            return {found["_id"]: found["beats"] for found in self._link.collection(self.name).find()}
