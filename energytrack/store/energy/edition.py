"""Which edition of the past the ledger holds: results from an earlier edition must be computed again."""

from typing import Final

from pymongo import UpdateOne

from energytrack.store.link import Link


class LedgerEdition:
    """The collection `ledger_edition`, one document.

    Every change of days that were counted before increases it afterwards: an import or its undo, late readings, a
    rebuild, a correction, a machine that was renamed or removed, a reading that ends a gap of days. Counting today does
    not.
    """

    name: Final = "ledger_edition"

    def __init__(self, link: Link) -> None:
        self._link = link

    def current(self) -> int:
        """The number of changes so far."""
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": self.name})
        return 0 if document is None else int(document["number"])

    def rise(self) -> None:
        """Record that something changed."""
        self._link.upsert(self.name, [UpdateOne({"_id": self.name}, {"$inc": {"number": 1}}, upsert=True)])
