"""The schema version of the data: an older release refuses newer data instead of misreading it."""

from typing import Final

from pymongo import UpdateOne

from energytrack.errors import RestoreUnfinished, StoreTooNew
from energytrack.store.link import Link

VERSION: Final = 2
"""This release's version; one more whenever an older release could no longer read, or would spoil, what it writes.

1: releases up to 0.1.0, which did not write it down. 2: verdicts, meters and quarter hours of energy.
"""


RESTORING: Final = "restoring"
"""The key of the note, in the same collection, that a backup is being restored."""


class Schema:
    """The collection `schema`, one document for the whole database."""

    name: Final = "schema"

    def __init__(self, link: Link) -> None:
        self._link = link

    def claim(self, *, version: int = VERSION) -> int:
        """Record that there is data of this version; returns the highest version so far.

        Raises StoreTooNew if that is higher, and RestoreUnfinished if a backup was restored only in part. Running
        services of an older release are not stopped: during a rolling update, both run for a while.
        """
        with self._link.asking():
            note = self._link.collection(self.name).find_one({"_id": RESTORING})
        if note is not None:
            raise RestoreUnfinished(self._link.address, str(note["archive"]))
        self._link.upsert(self.name, [UpdateOne({"_id": self.name}, {"$max": {"version": version}}, upsert=True)])
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": self.name})
        highest = version if document is None else int(document["version"])
        if highest > version:
            raise StoreTooNew(self._link.address, highest, version)
        return highest
