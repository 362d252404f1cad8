"""People's decisions about suspect energy, and about quarter hours that the meter counted wrongly. Pure.

Decisions are never changed. A later one about the same quarter hour replaces an earlier one, which stays on record.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from energytrack.ledger.day import Column, Day
from energytrack.ledger.imported import OF_THE_METER, filled
from energytrack.metering.quarters import QUARTER_SECONDS

Decision = Literal["accept", "reject", "value", "withdraw"]
"""Count suspect energy; do not count it; count a value instead of the meter's; return to the meter's value."""


class Correction(Struct, frozen=True, kw_only=True):
    """A decision about the quarter hours from `start` until `end`."""

    correction_id: str
    """A ULID: sorts by time."""
    device_id: str
    start: datetime
    end: datetime
    decision: Decision
    kwh: float | None = None
    """The value for the whole time, spread evenly over its quarter hours; with `value` only."""
    suspect_kwh: Column = ()
    """Suspect energy of each quarter hour as it was when somebody accepted or rejected it: what comes later is new."""
    before_kwh: float | None
    """The energy that counted in this time before; None if nothing was known."""
    after_kwh: float | None
    reason: str
    decided_by: str
    """As whom they signed in: `grafana:maria`."""
    role: str
    address: str
    decided_at: datetime


def decided(day: Day, corrections: Iterable[Correction]) -> Day:
    """The day with imports and decisions applied; for each quarter hour, the last decision counts."""
    day = filled(day)
    holding: dict[int, Correction] = {}
    made = 0
    for correction in sorted(corrections, key=lambda each: each.correction_id):
        indexes = _indexes(day, correction)
        made += bool(indexes)
        holding.update(dict.fromkeys(indexes, correction))
    if not made:
        return day
    columns = _Columns(day)
    for index, correction in holding.items():
        columns.decide(index, correction, day.start + index * QUARTER_SECONDS)
    return columns.day(
        revision=day.revision + made,
        corrections={i: each.correction_id for i, each in sorted(holding.items()) if each.decision != "withdraw"},
    )


def _indexes(day: Day, correction: Correction) -> range:
    if correction.device_id != day.device_id:
        return range(0)
    first = round((correction.start.timestamp() - day.start) / QUARTER_SECONDS)
    until = round((correction.end.timestamp() - day.start) / QUARTER_SECONDS)
    return range(max(first, 0), min(until, len(day)))


class _Columns:
    """A day's columns while decisions are filled in."""

    def __init__(self, day: Day) -> None:
        self._day = day
        names = (*OF_THE_METER, "imported_kwh", "imported_seconds", "corrected_kwh", "corrected_seconds")
        self._columns = {name: list(getattr(day, name) or (0.0,) * len(day)) for name in names}

    def decide(self, index: int, correction: Correction, start: float) -> None:
        columns = self._columns
        if correction.decision == "value":
            counted = sum(columns[name][index] for name in ("measured_kwh", "bridged_kwh", "estimated_kwh"))
            length = (correction.end - correction.start).total_seconds() / QUARTER_SECONDS
            value = (correction.kwh or 0.0) / length
            share = min(1.0, value / counted) if counted > 0.0 else 0.0
            idle = [columns[name][index] * share for name in ("idle_kwh", "idle_estimated_kwh")]
            for column in columns.values():
                column[index] = 0.0
            columns["idle_kwh"][index], columns["idle_estimated_kwh"][index] = idle
            columns["corrected_kwh"][index] = value
            columns["corrected_seconds"][index] = QUARTER_SECONDS
        elif correction.decision in ("accept", "reject"):
            place = round((start - correction.start.timestamp()) / QUARTER_SECONDS)
            judged = min(columns["suspect_kwh"][index], correction.suspect_kwh[place])
            columns["suspect_kwh"][index] -= judged
            if correction.decision == "accept":
                columns["corrected_kwh"][index] = judged

    def day(self, *, revision: int, corrections: dict[int, str]) -> Day:
        columns = {name: tuple(column) for name, column in self._columns.items()}
        return replace(self._day, revision=revision, corrections=corrections, **columns)
