"""Records which month's report was mailed: each is sent once, by whichever replica."""

from datetime import datetime, timedelta
from typing import Final

from pymongo.errors import DuplicateKeyError

from energytrack.store.link import Document, Link


class ReportMails:
    """The collection `report_mails`: a document for each month, held while somebody sends it."""

    name: Final = "report_mails"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: there are few."""

    def claim(self, month: str, *, now: datetime, lasts: timedelta) -> bool:
        """Reserve the sending of a month until `now` + `lasts`; False if it was sent, or another replica has it.

        If the replica is killed while sending, another one may send when that time is over.
        """
        free: Document = {"_id": month, "sent_at": None, "until": {"$lt": now}}
        with self._link.asking():
            try:
                self._link.collection(self.name).update_one(free, {"$set": {"until": now + lasts}}, upsert=True)
            except DuplicateKeyError:
                return False
        return True

    def sent(self, month: str, *, at: datetime) -> None:
        """Record that the mail server accepted it."""
        with self._link.asking():
            self._link.collection(self.name).update_one({"_id": month}, {"$set": {"sent_at": at}})
