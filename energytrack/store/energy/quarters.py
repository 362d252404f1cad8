"""Quarter hours as the peak guard saw them: its forecasts, how they ended, and what people did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct
from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from energytrack.store.link import Document, Link


class WatchedQuarter(Struct, frozen=True, kw_only=True):
    """A quarter hour that is over."""

    start: datetime
    kw: float
    """Its mean power, by the ledger."""
    forecasts: tuple[float | None, ...]
    """The forecast of its end, at each of its 15 minutes; None if it was not watched."""
    limit_kw: float | None
    """The guard's limit; None if there was none."""
    stopped: tuple[str, ...] = ()
    """Machines that people shut down while its forecast was above the limit."""
    forecast_before_kw: float | None = None
    """The forecast of its end when the first of them was shut down."""
    avoided_kw: float | None = None
    """How much less it exceeded the limit than forecast then; None if nothing was shut down."""
    avoided_cost: float | None = None


class Quarters:
    """The collection `peak_quarters`; every replica files the same ones, the first counts."""

    name: Final = "peak_quarters"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: the time of a quarter hour is its key."""

    def add(self, quarter: WatchedQuarter) -> None:
        """File a quarter hour that is over."""
        document: Document = msgspec.to_builtins(quarter, builtin_types=(datetime,))
        document["_id"] = document.pop("start")
        with self._link.asking():
            try:
                self._link.collection(self.name).insert_one(document)
            except DuplicateKeyError:
                return

    def latest(self, limit: int, *, acted: bool = False) -> Sequence[WatchedQuarter]:
        """The last quarter hours, newest first; `acted`: only those in which somebody shut machines down."""
        query: Document = {"avoided_kw": {"$ne": None}} if acted else {}
        with self._link.asking():
            documents = self._link.collection(self.name).find(query).sort("_id", DESCENDING).limit(limit)
            return list(self._link.unreadable.passed_over(self.name, documents, _quarter))


def _quarter(document: Document) -> WatchedQuarter:
    return msgspec.convert({**document, "start": document["_id"]}, WatchedQuarter)
