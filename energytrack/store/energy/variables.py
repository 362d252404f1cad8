"""Variables that energy depends on, sent or imported by people: a value for each local day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct
from pymongo import ReplaceOne

from energytrack.store.link import Document, Link

VariableSource = Literal["api", "import"]
AT_ONCE: Final = 1000


class VariableSummary(Struct, frozen=True):
    """A variable that has values."""

    name: str
    days: int
    first: date
    last: date
    source: VariableSource
    """The source of its newest value."""
    by: str
    at: datetime


class Variables:
    """The collection `variables`: a later value of the same day replaces the earlier one."""

    name: Final = "variables"

    def __init__(self, link: Link) -> None:
        self._link = link

    def prepare(self) -> None:
        self._link.prepare_index(self.name, "name", "day")

    def put(self, name: str, values: Mapping[date, float], *, source: VariableSource, by: str, at: datetime) -> None:
        days = sorted(values)
        for start in range(0, len(days), AT_ONCE):
            self._link.upsert(
                self.name,
                [
                    ReplaceOne(
                        {"_id": f"{name}/{day.isoformat()}"},
                        {"name": name, "day": day.isoformat(), "value": values[day], "source": source, "by": by,
                         "at": at},
                        upsert=True,
                    )
                    for day in days[start : start + AT_ONCE]
                ],
            )  # fmt: skip

    def series(self, name: str, first: date, last: date) -> Mapping[date, float]:
        """A variable's values from `first` to `last`, both included."""
        wanted: Document = {"name": name, "day": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        with self._link.asking():
            documents = list(self._link.collection(self.name).find(wanted).sort("day"))
        return {date.fromisoformat(each["day"]): each["value"] for each in documents}

    def summaries(self) -> Sequence[VariableSummary]:
        """All variables, by name."""
        with self._link.asking():
            documents = list(self._link.collection(self.name).find({}, {"value": 0}).sort("day"))
        by_name: dict[str, list[Document]] = {}
        for each in documents:
            by_name.setdefault(each["name"], []).append(each)
        return [_summary(name, by_name[name]) for name in sorted(by_name)]

    def delete(self, name: str) -> int:
        """Delete all values of a variable; returns how many."""
        with self._link.asking():
            return self._link.collection(self.name).delete_many({"name": name}).deleted_count


def _summary(name: str, days: Sequence[Document]) -> VariableSummary:
    newest = max(days, key=lambda each: each["at"])
    fields = {"name": name, "days": len(days), "first": days[0]["day"], "last": days[-1]["day"]}
    return msgspec.convert(
        {**fields, "source": newest["source"], "by": newest["by"], "at": newest["at"]}, VariableSummary
    )
