"""Measures to save energy: what was done, since when, the expected saving, and the cost."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct
from pymongo import DESCENDING

from energytrack.store.link import Document, Link

MeasureState = Literal["open", "ended"]


class MeasureChange(Struct, frozen=True):
    """A change of a measure by a person."""

    at: datetime
    deed: Literal["opened", "changed", "ended"]
    by: str
    role: str
    address: str
    note: str = ""


class Measure(Struct, frozen=True, kw_only=True):
    """A measure to save energy, compared with a baseline."""

    measure_id: str
    name: str
    baseline_id: str | None
    """Savings are proved by its newest version from before the measure; None if too little was known for a baseline."""
    device_id: str | None = None
    """The machine, if it is about one."""
    recommendation: str | None = None
    """The code of the recommendation that it answers."""
    schedule_id: str | None = None
    restart_schedule_id: str | None = None
    """The schedule that ends each shutdown; None if people start the machine when they need it."""
    start: date
    """The first whole day on which it held."""
    end: date | None = None
    """The last day that counts; None while it is open."""
    expected_kwh_per_day: float | None = None
    expected_cost_per_day: float | None = None
    cost_of_doing: float | None = None
    """Its one-time cost, in the currency of the contract; None if not given."""
    state: MeasureState = "open"
    log: tuple[MeasureChange, ...]
    """Oldest first."""


class Measures:
    """The collection `measures`."""

    name: Final = "measures"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        """Nothing to create: measures are few."""

    def add(self, measure: Measure) -> None:
        """Store a new measure."""
        document: Document = msgspec.to_builtins(measure, builtin_types=(datetime,))
        document["_id"] = document.pop("measure_id")
        self._link.insert(self.name, [document])

    def get(self, measure_id: str) -> Measure | None:
        with self._link.asking():
            document = self._link.collection(self.name).find_one({"_id": measure_id})
        return self._link.unreadable.one(self.name, document, _measure)

    def all(self) -> Sequence[Measure]:
        """All measures, newest first."""
        with self._link.asking():
            documents = self._link.collection(self.name).find().sort("_id", DESCENDING)
            return list(self._link.unreadable.passed_over(self.name, documents, _measure))

    def open_for(self, device_id: str, recommendation: str) -> Measure | None:
        """The open measure that answers a machine's recommendation."""
        query = {"device_id": device_id, "recommendation": recommendation, "state": "open"}
        with self._link.asking():
            document = self._link.collection(self.name).find_one(query)
        return self._link.unreadable.one(self.name, document, _measure)

    def change(self, measure_id: str, deed: MeasureChange, **fields: object) -> Measure | None:
        """Set fields of an open measure, and record who did; None if it is not open."""
        with self._link.asking():
            done = self._link.collection(self.name).update_one(
                {"_id": measure_id, "state": "open"},
                {
                    "$set": msgspec.to_builtins(fields, builtin_types=(datetime,)),
                    "$push": {"log": msgspec.to_builtins(deed, builtin_types=(datetime,))},
                },
            )
        return self.get(measure_id) if done.matched_count else None


def _measure(document: Document) -> Measure:
    return msgspec.convert({**document, "measure_id": document["_id"]}, Measure)
