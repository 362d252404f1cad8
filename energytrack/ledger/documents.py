"""Days and months of the ledger as documents of the database. Pure.

A column of zeros is left out, and one of equal values is stored as a single value. Most columns are like that, so the
day of an ordinary machine takes a third of the space.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

import msgspec

from energytrack.ledger.day import Day, Revision
from energytrack.ledger.local_days import utc
from energytrack.ledger.sums import FIELDS, EnergySums

Document = dict[str, Any]
T = TypeVar("T")

COLUMNS: Final = (
    "measured_kwh", "bridged_kwh", "estimated_kwh", "suspect_kwh", "idle_kwh", "idle_estimated_kwh",
    "measured_seconds", "bridged_seconds", "estimated_seconds", "unknown_seconds",
)  # fmt: skip


def day_key(device_id: str, day: date) -> str:
    """The key of a day's document; no device id has a slash, and keys of a machine sort by day."""
    return f"{device_id}/{day.isoformat()}"


def month_key(device_id: str, year: int, month: int) -> str:
    """The key of a month's document."""
    return f"{device_id}/{year:04d}-{month:02d}"


def to_document(day: Day) -> Document:
    """A day as the meter counted it, without people's decisions."""
    document: Document = {
        "_id": day_key(day.device_id, day.date),
        "device": day.device_id,
        "date": day.date.isoformat(),
        "type": day.device_type,
        "line": day.line,
        "start": utc(day.start),
        "quarters": len(day),
        "price_version": day.price_version,
        "through": day.through,
        "revision": day.revision,
    }
    for name in COLUMNS:
        column = getattr(day, name)
        if any(column):
            document[name] = _packed(column)
    document["price_per_kwh"] = _packed(day.price_per_kwh)
    if day.price_batches:
        document["price_batches"] = {batch: list(where) for batch, where in day.price_batches.items()}
    if not day.idle_known:
        document["idle_known"] = False
    if day.parts is not None:
        document["parts"] = _packed(day.parts)
    if day.scrap is not None:
        document["scrap"] = _packed(day.scrap)
    document |= _further_sources(day)
    if day.reasons:
        document["reasons"] = {reason: list(where) for reason, where in sorted(day.reasons.items())}
    if day.revisions:
        document["revisions"] = msgspec.to_builtins(day.revisions, builtin_types=(datetime,))
    return document


def from_document(document: Mapping[str, Any]) -> Day:
    """The day of a document."""
    count = document["quarters"]
    columns: dict[str, Any] = {name: _unpacked(document.get(name, 0.0), count) for name in COLUMNS}
    return Day(
        device_id=document["device"],
        date=date.fromisoformat(document["date"]),
        device_type=document["type"],
        line=document["line"],
        start=document["start"].timestamp(),
        price_per_kwh=_unpacked(document["price_per_kwh"], count),
        price_version=document["price_version"],
        price_batches={batch: tuple(where) for batch, where in document.get("price_batches", {}).items()},
        through=document["through"],
        revision=document["revision"],
        revisions=msgspec.convert(document.get("revisions", ()), tuple[Revision, ...]),
        reasons={reason: tuple(where) for reason, where in document.get("reasons", {}).items()},
        idle_known=document.get("idle_known", True),
        parts=_unpacked(document["parts"], count) if "parts" in document else None,
        scrap=_unpacked(document["scrap"], count) if "scrap" in document else None,
        finished_parts=_unpacked(document["finished_parts"], count) if "finished_parts" in document else None,
        finished_scrap=_unpacked(document["finished_scrap"], count) if "finished_scrap" in document else None,
        finished_before=document.get("finished_before", False),
        finished_after=document.get("finished_after", False),
        imported=_unpacked(document["imported"], count) if "imported" in document else None,
        import_batches={batch: tuple(where) for batch, where in document.get("import_batches", {}).items()},
        imported_parts=_unpacked(document["imported_parts"], count) if "imported_parts" in document else None,
        parts_batches={batch: tuple(where) for batch, where in document.get("parts_batches", {}).items()},
        imported_scrap=_unpacked(document["imported_scrap"], count) if "imported_scrap" in document else None,
        cycle_parts=_unpacked(document["cycle_parts"], count) if "cycle_parts" in document else None,
        cycles_until=document.get("cycles_until"),
        **columns,
    )


def _further_sources(day: Day) -> Document:
    """The fields for what files, events and cycles report, besides the machine's own meter and counters."""
    document: Document = {}
    if day.imported is not None:
        document["imported"] = _packed(day.imported)
        document["import_batches"] = {batch: list(where) for batch, where in day.import_batches.items()}
    if day.imported_parts is not None:
        document["imported_parts"] = _packed(day.imported_parts)
        document["parts_batches"] = {batch: list(where) for batch, where in day.parts_batches.items()}
    if day.imported_scrap is not None:
        document["imported_scrap"] = _packed(day.imported_scrap)
    if day.finished_parts is not None:
        document["finished_parts"] = _packed(day.finished_parts)
        document["finished_before"], document["finished_after"] = day.finished_before, day.finished_after
    if day.finished_scrap is not None:
        document["finished_scrap"] = _packed(day.finished_scrap)
    if day.cycle_parts is not None:
        document["cycle_parts"] = _packed(day.cycle_parts)
        document["cycles_until"] = day.cycles_until
    return document


def sums_to_document(sums: EnergySums) -> Document:
    """Sums without their zeros."""
    return {name: value for name in FIELDS if (value := getattr(sums, name))}


def _packed(column: Sequence[T]) -> T | list[T]:
    first = column[0]
    return first if all(value == first for value in column) else list(column)


def _unpacked(packed: Any, count: int) -> tuple[Any, ...]:
    return tuple(packed) if isinstance(packed, list) else (packed,) * count
