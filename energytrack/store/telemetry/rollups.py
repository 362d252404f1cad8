"""Sums of the ledger's days by month, and of its months by year, one document for each machine.

A year of a plant by month is then as many documents as there are machines, instead of 365 times as many. They hold what
the meter counted; readers apply people's decisions (`energytrack.ledger.correction`).

Each sum is a text in JSON: the server handles a tenth of the values then, and a year is read twice as fast.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Struct
from pymongo import UpdateOne

from energytrack.ledger.documents import month_key, sums_to_document
from energytrack.ledger.local_days import dates, last_of_month
from energytrack.ledger.rollup import DaySums, MonthSums
from energytrack.ledger.sums import EnergySums
from energytrack.plant import Place
from energytrack.store.link import LONG_SECONDS, Document, Link


class Rollups:
    """The collections `ledger_months` and `ledger_years`."""

    def __init__(self, link: Link, *, name: str = "ledger_months", years_name: str = "ledger_years") -> None:
        self.name: Final = name
        self.years_name: Final = years_name
        self._link = link

    def prepare(self) -> None:
        """Create the indexes."""
        self._link.prepare_index(self.name, "month")
        self._link.prepare_index(self.name, "device")
        self._link.prepare_index(self.years_name, "year")
        self._link.prepare_index(self.years_name, "device")

    def put(self, days: Sequence[DaySums], months: Sequence[MonthSums]) -> None:
        """Store each month that the days belong to as a whole, then their sums, which show that all is stored."""
        by_year: dict[tuple[str, int], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for month in months:
            documents = by_year[month.device_id, month.year][f"months.{month.month:02d}"]
            documents.append(_written(month.place, month.sums))
        self._link.upsert(self.years_name, [_year_update(*key, fields) for key, fields in by_year.items()])
        by_month: dict[tuple[str, int, int], Document] = defaultdict(dict)
        for each in days:
            key = (each.device_id, each.date.year, each.date.month)
            by_month[key][f"days.{each.date.day:02d}"] = _written(each.place, each.sums)
        self._link.upsert(self.name, [_month_update(*key, fields) for key, fields in by_month.items()])

    def days_of_month(self, device_id: str, year: int, month: int) -> Sequence[DaySums]:
        """The days of one machine and month."""
        return tuple(self.days_of_months([(device_id, year, month)]))

    def days_of_months(self, months: Collection[tuple[str, int, int]]) -> Iterator[DaySums]:
        """The days of some machines' months: (device id, year, month)."""
        keys = {month_key(device_id, year, month): date(year, month, 1) for device_id, year, month in months}
        numbers = {first: _by_number(first, last_of_month(first)) for first in set(keys.values())}
        for document in self._link.find_by_id(self.name, keys):
            yield from _days(document, numbers[keys[document["_id"]]])

    def days(self, first: date, last: date, *, device_ids: Collection[str] | None = None) -> Iterator[DaySums]:
        """Days of some machines or all from `first` to `last`, both included; month after month."""
        for year, month in _months(first, last):
            begins = date(year, month, 1)
            wanted = _by_number(max(first, begins), min(last, last_of_month(begins)))
            for document in self._find(self.name, {"month": f"{year:04d}-{month:02d}"}, device_ids):
                yield from _days(document, wanted)

    def months(self, first: date, last: date, *, device_ids: Collection[str] | None = None) -> Iterator[MonthSums]:
        """The whole months from that of `first` to that of `last`, of some machines or all; year after year."""
        wanted = set(_months(first, last))
        for year in range(first.year, last.year + 1):
            for document in self._find(self.years_name, {"year": year}, device_ids):
                for name, places in document.get("months", {}).items():
                    if (year, int(name)) in wanted:
                        for each in map(_read, places):
                            yield MonthSums(document["device"], year, int(name), Place(each.type, each.line), each.sums)

    def expire(self, device_id: str, *, before: date) -> int:
        """Delete a machine's months and years that ended before a date; returns how many."""
        with self._link.asking():
            months = self._link.collection(self.name).delete_many(
                {"device": device_id, "month": {"$lt": f"{before:%Y-%m}"}}
            )
            years = self._link.collection(self.years_name).delete_many(
                {"device": device_id, "year": {"$lt": before.year}}
            )
        return months.deleted_count + years.deleted_count

    def _find(self, name: str, wanted: Document, device_ids: Collection[str] | None) -> Iterator[Document]:
        if device_ids is not None and len(device_ids) == 1:
            (device_id,) = device_ids
            period = wanted.get("month", wanted.get("year"))
            wanted = {"_id": f"{device_id}/{period}"}
        with self._link.asking(seconds=LONG_SECONDS):
            documents = list(self._link.collection(name).find(wanted))
        return (each for each in documents if device_ids is None or each["device"] in device_ids)


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield number // 12, number % 12 + 1


class _SumsOfPlace(Struct, frozen=True):
    type: str | None
    line: str | None
    sums: EnergySums


_read: Final = msgspec.json.Decoder(_SumsOfPlace).decode


def _written(place: Place, sums: EnergySums) -> str:
    document = {"type": place.device_type, "line": place.line, "sums": sums_to_document(sums)}
    return msgspec.json.encode(document).decode()


def _month_update(device_id: str, year: int, month: int, fields: Document) -> UpdateOne:
    fixed = {"device": device_id, "month": f"{year:04d}-{month:02d}"}
    return UpdateOne({"_id": month_key(device_id, year, month)}, {"$set": {**fixed, **fields}}, upsert=True)


def _year_update(device_id: str, year: int, fields: Document) -> UpdateOne:
    fixed: Document = {"device": device_id, "year": year}
    return UpdateOne({"_id": f"{device_id}/{year}"}, {"$set": {**fixed, **fields}}, upsert=True)


def _days(document: Document, wanted: Mapping[str, date]) -> Iterator[DaySums]:
    """The days of a month's document whose numbers are wanted; one year of a plant has a hundred thousand."""
    device_id, places = document["device"], _places
    for name, each in document.get("days", {}).items():
        if (day := wanted.get(name)) is not None:
            sums = _read(each)
            place = places(sums.type, sums.line)
            yield DaySums(device_id, day, place, sums.sums)


def _by_number(first: date, last: date) -> Mapping[str, date]:
    return {f"{day.day:02d}": day for day in dates(first, last)}


@lru_cache(maxsize=4096)
def _places(device_type: str | None, line: str | None) -> Place:
    return Place(device_type, line)
