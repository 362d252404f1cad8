"""Stores a content as a batch: nothing twice, and all of it can be taken back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, islice
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from energytrack.errors import EnergyTrackError
from energytrack.importer.choices import Choices, What, settled
from energytrack.importer.content import Content, Signals
from energytrack.importer.destinations.identity import identity_of
from energytrack.importer.destinations.quarters import days_of
from energytrack.messages import Reading
from energytrack.store import Store
from energytrack.store.telemetry.imports import Batch, ImportedDay

AT_ONCE: Final = 2000
OWN: Final = ("temperature", "pressure", "current")
REGISTER: Final = "energy_kwh"
T = TypeVar("T")
Progress = Callable[[float], None]
"""Called with the share of the work that is done, 0 to 1."""


@dataclass(eq=False)
class NothingToStore(EnergyTrackError):
    """The content has nothing that can be stored."""

    problem: str

    def __str__(self) -> str:
        return self.problem


@dataclass(eq=False)
class UnknownBatch(EnergyTrackError):
    """No import has this id, or it was taken back already."""

    batch_id: str

    def __str__(self) -> str:
        return f"there is no import {self.batch_id!r} that could be taken back"


@dataclass(frozen=True)
class ImportPlan:
    """The effects of storing a content."""

    batch: Batch
    too_old: int
    """Readings that the database would delete at once, because they are older than it keeps."""
    known: Batch | None
    """The same content, stored before."""
    overlaps: int
    """Days of machines that are in other imports, too: the later import counts."""


def plan(
    store: Store, content: Content, choices: Choices, *, by: str, now: datetime, zone: ZoneInfo, keep: timedelta,
    what: What = "auto",
) -> ImportPlan:  # fmt: skip
    """Plan how a content would be stored, without storing it; raises NothingToStore."""
    times = list(_times(content, what))
    if not times:
        why = "; prices and emission factors are a destination of their own: --what prices" if content.rates else ""
        raise NothingToStore(f"{content.name} holds nothing that can be stored{why}")
    first, last = (
        datetime.fromtimestamp(ms / 1000, UTC) for ms in (min(t[0] for t in times), max(t[1] for t in times))
    )
    batch_id = identity_of(store, content, what)
    energy, counts = content.energy if _stores("energy", what) else {}, content.parts if _stores("parts", what) else {}
    readings, young = _counts(content, what, since=now - keep)
    overlaps = quarters = 0
    for machine, days in groupby(_days(content, zone, batch_id, what), key=lambda day: day.device_id):
        own = {day.date: day for day in days}
        quarters += sum(value is not None for day in own.values() for value in day.kwh)
        others = store.imports.days(machine, min(own), max(own))
        repeated = {each.date for each in others if each.batch_id != batch_id and _same(own.get(each.date), each)}
        overlaps += len(repeated)
    same = store.imports.get(batch_id)
    batch = Batch(
        batch_id=batch_id,
        file=content.name,
        state="storing",
        by=by,
        at=now,
        machines=content.machines,
        first=first,
        last=last,
        headings=headings_of(content),
        choices=msgspec.to_builtins(settled(choices, content.findings)),
        kwh=sum(each.total for each in energy.values()) if energy else None,
        quarters=quarters,
        parts=sum(each.total for each in counts.values()) if counts else None,
        readings=young,
        events=len(content.events),
    )
    return ImportPlan(batch, readings - young, same if same is not None and same.state == "stored" else None, overlaps)


def store_batch(
    store: Store, content: Content, planned: ImportPlan, *, zone: ZoneInfo, keep: timedelta, what: What = "auto",
    progress: Progress = lambda _: None,
) -> Batch:  # fmt: skip
    """Store what was planned; an interrupted import is stored again from the start, and nothing is there twice."""
    batch = planned.batch
    if planned.known is not None:
        return planned.known
    before = store.imports.get(batch.batch_id)
    if before is not None and before.state == "storing":
        _delete(store, batch.batch_id)
    store.imports.put(batch)
    done, whole = 0, batch.readings + batch.events + max(batch.quarters // 96, 1)
    for days in _bunches(_days(content, zone, batch.batch_id, what)):
        store.imports.mark(batch.batch_id, [(day.device_id, day.date) for day in days])
        store.imports.put_days(days)
        done += len(days)
        progress(min(done / whole, 1.0))
    for some in _bunches(readings_of(content, what, since=batch.at - keep)):
        store.readings.put_batch(some, batch.batch_id)
        done += len(some)
        progress(min(done / whole, 1.0))
    for start in range(0, len(content.events), AT_ONCE):
        store.events.put_batch(content.events[start : start + AT_ONCE], batch.batch_id)
    _count_again(store, batch)
    stored = msgspec.structs.replace(batch, state="stored")
    store.imports.put(stored)
    progress(1.0)
    return stored


def take_back(store: Store, batch_id: str, *, by: str, why: str, now: datetime) -> Batch:
    """Delete everything that an import stored; a record of it and of who took it back stays. Raises UnknownBatch."""
    batch = store.imports.get(batch_id)
    if batch is None or batch.state == "taken_back":
        raise UnknownBatch(batch_id)
    store.imports.put(msgspec.structs.replace(batch, state="storing"))  # until everything is deleted
    store.imports.mark(batch_id, [*store.imports.of_batch(batch_id), *priced_days(store, batch)])
    _delete(store, batch_id)
    _count_again(store, batch)
    gone = msgspec.structs.replace(batch, state="taken_back", taken_back_by=by, taken_back_at=now, taken_back_why=why)
    store.imports.put(gone)
    return gone


def priced_days(store: Store, batch: Batch) -> Sequence[tuple[str, date]]:
    """The machines and days of the ledger whose prices an import may change, also by its removal."""
    if not batch.market:
        return ()
    day = timedelta(days=1)  # wide enough for the local days of any zone
    return store.ledger.keys((batch.first - day).date(), (batch.last + day).date())


def headings_of(content: Content) -> str:
    """A text that is the same for files of the same kind."""
    if content.samples:
        return " | ".join(content.samples[0])
    return next((finding.value or "" for finding in content.findings if finding.what == "format"), "")


def profile_for(store: Store, content_headings: str) -> Choices | None:
    """How the last file with these headings was read, including its machine."""
    for batch in store.imports.newest():
        if batch.state == "stored" and batch.headings == content_headings:
            return msgspec.convert(batch.choices, Choices)
    return None


def _count_again(store: Store, batch: Batch) -> None:
    """Have the sums of its readings' days computed again."""
    if batch.readings:
        midnight = batch.first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        store.minutes.forget_days(batch.machines, since=midnight, until=batch.last + timedelta(days=1))


def _delete(store: Store, batch_id: str) -> None:
    store.imports.take_back(batch_id)
    store.imported_rates.take_back(batch_id)
    store.readings.take_back(batch_id)
    store.events.take_back(batch_id)


def _days(content: Content, zone: ZoneInfo, batch_id: str, what: What) -> Iterator[ImportedDay]:
    energy, parts = content.energy if _stores("energy", what) else {}, content.parts if _stores("parts", what) else {}
    for machine in dict.fromkeys((*energy, *parts)):
        yield from days_of(machine, energy.get(machine), zone, batch_id, parts=parts.get(machine))


def _stores(kind: What, what: What) -> bool:
    return what in {"auto", kind}


def _same(one: ImportedDay | None, other: ImportedDay) -> bool:
    """Whether two imports cover the same of a day: both its energy, or both its parts."""
    if one is None:
        return False
    return (_has_values(one.kwh) and _has_values(other.kwh)) or (_has_values(one.parts) and _has_values(other.parts))


def _has_values(column: Sequence[float | None]) -> bool:
    return any(value is not None for value in column)


def readings_of(content: Content, what: What, *, since: datetime | None) -> Iterator[Reading]:
    """Readings of the signals; without the register if its energy is stored, or it would count twice."""
    if not _stores("readings", what):
        return
    for machine, signals in content.signals.items():
        names = [name for name in signals.values if name != REGISTER or what == "readings"]
        if not names:
            continue
        first = 0 if since is None else int(np.searchsorted(signals.at_ms, round(since.timestamp() * 1000)))
        for start in range(first, len(signals), AT_ONCE):
            yield from _readings(machine, signals, names, slice(start, start + AT_ONCE))


def _readings(machine: str, signals: Signals, names: Sequence[str], stretch: slice) -> Iterator[Reading]:
    """The readings of some rows, a few at a time: Python's numbers take four times the memory."""
    columns = {name: signals.values[name][stretch].tolist() for name in names}
    further = [name for name in names if name not in {*OWN, REGISTER}]
    for i, ms in enumerate(signals.at_ms[stretch].tolist()):
        values = {name: value for name in names if (value := columns[name][i]) == value}  # not NaN
        if not values:
            continue
        yield Reading(
            device_id=machine,
            timestamp=datetime.fromtimestamp(ms / 1000, UTC),
            temperature=values.get("temperature"),
            pressure=values.get("pressure"),
            current=values.get("current"),
            energy_kwh=values.get(REGISTER),
            signals={name: values.get(name) for name in further},
        )


def _counts(content: Content, what: What, *, since: datetime) -> tuple[int, int]:
    """The number of readings, and of those since a time."""
    whole = young = 0
    for signals in content.signals.values() if _stores("readings", what) else ():
        columns = [values for name, values in signals.values.items() if name != REGISTER or what == "readings"]
        if columns:
            has_value = np.any(np.isfinite(columns), axis=0)
            whole += int(has_value.sum())
            young += int(has_value[signals.at_ms >= round(since.timestamp() * 1000)].sum())
    return whole, young


def _bunches(filed: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(filed, AT_ONCE)):
        yield some


def _times(content: Content, what: What) -> Iterator[tuple[int, int]]:
    if _stores("energy", what):
        yield from ((int(each.start_ms[0]), int(each.end_ms[-1])) for each in content.energy.values() if len(each))
    if _stores("parts", what):
        yield from ((int(each.start_ms[0]), int(each.end_ms[-1])) for each in content.parts.values() if len(each))
    if _stores("readings", what):
        yield from ((int(each.at_ms[0]), int(each.at_ms[-1])) for each in content.signals.values() if len(each))
    for event in content.events:
        ms = round(event.timestamp.timestamp() * 1000)
        yield ms, ms
