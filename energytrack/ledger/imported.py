"""Energy that files brought, as part of a day of the ledger. Pure.

What was measured wins: a file fills the quarter hours of which a register does not know the whole. There its value
stands for everything that the meter says, so that nothing counts twice. What people decide stands above both.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from energytrack.ledger.day import Day
from energytrack.metering.quarters import QUARTER_SECONDS

WHOLE_SECONDS: Final = QUARTER_SECONDS - 10.0
"""A quarter hour of which registers know so much is measured."""
OF_THE_METER: Final = (
    "measured_kwh", "bridged_kwh", "estimated_kwh", "suspect_kwh", "idle_kwh", "idle_estimated_kwh",
    "measured_seconds", "bridged_seconds", "estimated_seconds", "unknown_seconds",
)  # fmt: skip


class FromFile(NamedTuple):
    """What one import says about a day."""

    batch_id: str
    kwh: tuple[float | None, ...]
    """For each quarter hour; None where the file knows nothing."""


def with_imports(day: Day, files: Sequence[FromFile]) -> Day:
    """The day with what imports say about it, the oldest first: of two that know a quarter hour, the later counts."""
    values: list[float | None] = [None] * len(day)
    owners: list[str | None] = [None] * len(day)
    for file in files:
        for index, kwh in enumerate(file.kwh[: len(day)]):
            if kwh is not None:
                values[index], owners[index] = kwh, file.batch_id
    if not any(owners):
        return replace(day, imported=None, import_batches={})
    batches: dict[str, list[int]] = {}
    for index, owner in enumerate(owners):
        if owner is not None:
            batches.setdefault(owner, []).append(index)
    return replace(
        day, imported=tuple(values), import_batches={name: tuple(where) for name, where in sorted(batches.items())}
    )


def filled(day: Day) -> Day:
    """The day with imported energy in the quarter hours that are not measured."""
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
