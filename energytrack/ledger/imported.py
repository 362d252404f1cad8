"""Adds energy and parts from imported files to a day of the ledger. Pure.

Measured energy takes precedence: a file fills the quarter hours that a register does not cover completely. There its
value replaces everything that the meter counted, so that nothing counts twice. People's decisions take precedence over
both. For parts, the machine's own counter takes precedence: events fill the quarter hours without such a count, a file
those that neither has, and an estimate from cycles in the current the rest. The latter are marked as estimated.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from energytrack.ledger.day import WHOLE_SECONDS, Day, places_by_batch
from energytrack.ledger.finished import with_finished
from energytrack.metering.quarters import QUARTER_SECONDS

OF_THE_METER: Final = (
    "measured_kwh", "bridged_kwh", "estimated_kwh", "suspect_kwh", "idle_kwh", "idle_estimated_kwh",
    "measured_seconds", "bridged_seconds", "estimated_seconds", "unknown_seconds",
)  # fmt: skip

QuarterValues = tuple[float | None, ...]


class FromFile(NamedTuple):
    """The values of one import for a day."""

    batch_id: str
    kwh: tuple[float | None, ...]
    """For each quarter hour; None if the file has no value for it."""
    parts: tuple[float | None, ...] = ()
    """Likewise; empty if the file counts none."""
    scrap: tuple[float | None, ...] = ()
    """The rejected ones among them, likewise."""


def with_imports(day: Day, files: Sequence[FromFile]) -> Day:
    """The day with the values of imports, oldest first: if two have a quarter hour, the later one counts."""
    energy, energy_batches = _latest([(file.batch_id, file.kwh) for file in files], len(day))
    parts, parts_batches = _latest([(file.batch_id, file.parts) for file in files], len(day))
    return replace(
        day, imported=energy, import_batches=energy_batches, imported_parts=parts, parts_batches=parts_batches,
        imported_scrap=_scrap(files, parts_batches, len(day)),
    )  # fmt: skip


def _scrap(files: Sequence[FromFile], parts_batches: Mapping[str, tuple[int, ...]], count: int) -> QuarterValues | None:
    """The rejected parts in the files whose parts count."""
    values: list[float | None] = [None] * count
    for file in files:
        for index in parts_batches.get(file.batch_id, ()) if file.scrap else ():
            values[index] = file.scrap[index]
    return None if all(value is None for value in values) else tuple(values)


def _latest(
    batch_values: Sequence[tuple[str, QuarterValues]], count: int
) -> tuple[QuarterValues | None, dict[str, tuple[int, ...]]]:
    """For each quarter hour the value of the last import that has one, and each import's places in the day."""
    values: list[float | None] = [None] * count
    owners: list[str | None] = [None] * count
    for name, column in batch_values:
        for index, value in enumerate(column[:count]):
            if value is not None:
                values[index], owners[index] = value, name
    if not any(owners):
        return None, {}
    return tuple(values), places_by_batch(owners)


def filled(day: Day) -> Day:
    """The day with imported energy in the quarter hours that are not measured, and parts in those not counted."""
    day = with_finished(day)
    if day.imported_parts is not None:
        counted = day.parts or (None,) * len(day)
        files = tuple(
            index for index, (own, file) in enumerate(zip(counted, day.imported_parts, strict=True))
            if file is not None and (own is None or index in day.parts_imported)
        )  # fmt: skip
        parts = tuple(day.imported_parts[index] if index in files else own for index, own in enumerate(counted))
        day = replace(day, parts=parts, parts_imported=files)
        if (rejected := day.imported_scrap) is not None:
            own_scrap = day.scrap or (None,) * len(day)
            day = replace(day, scrap=tuple(
                rejected[index] if index in files else own for index, own in enumerate(own_scrap)
            ))  # fmt: skip
    if day.cycle_parts is not None:
        day = _with_cycles(day, day.cycle_parts)
    if day.imported is None:
        return day
    columns = {name: list(getattr(day, name)) for name in OF_THE_METER}
    kwh, seconds = [0.0] * len(day), [0.0] * len(day)
    for index, value in enumerate(day.imported):
        if value is None or day.measured_seconds[index] + day.bridged_seconds[index] >= WHOLE_SECONDS:
            continue
        for column in columns.values():
            column[index] = 0.0
        kwh[index], seconds[index] = value, QUARTER_SECONDS
    made = {name: tuple(column) for name, column in columns.items()}
    return replace(day, imported_kwh=tuple(kwh), imported_seconds=tuple(seconds), **made)


def _with_cycles(day: Day, cycle_parts: QuarterValues) -> Day:
    """The day with estimated parts where none were counted; idempotent."""
    counted = day.parts or (None,) * len(day)
    places = tuple(
        index for index, (own, cycles) in enumerate(zip(counted, cycle_parts, strict=True))
        if cycles is not None and (own is None or index in day.parts_estimated)
    )  # fmt: skip
    if not places:
        return day
    parts = tuple(cycle_parts[index] if index in places else own for index, own in enumerate(counted))
    return replace(day, parts=parts, parts_estimated=places)
