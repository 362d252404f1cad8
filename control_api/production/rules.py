"""Production as rows: OEE by machine or kind, and stops with their reasons. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from energytrack.fields import State
from energytrack.ledger.local_days import utc
from energytrack.ledger.sources import PartsSource
from energytrack.plant import Place
from energytrack.production.machine_days import MachineDay
from energytrack.production.oee import NOTHING, Amounts, GroupPerformance, Kind, together
from energytrack.production.rules import StopReason
from energytrack.production.stops import ExplainedStop

By = Literal["machine", "line", "type"]
Resolution = Literal["total", "day"]


class ProductionRow(Struct, frozen=True, kw_only=True):
    """What a machine, or the machines of one kind, produced; null where it is not known."""

    date: date | None
    device_id: str | None
    device_type: str | None
    line: str | None
    machines: int
    machines_complete: int
    oee: float | None
    availability: float | None
    performance: float | None
    quality: float | None
    coverage: float | None
    planned_seconds: float
    unknown_seconds: float
    running_seconds: float
    estimated_seconds: float
    parts: float | None
    estimated_parts: float | None
    parts_from: tuple[PartsSource, ...]
    scrap: float | None
    cycle_seconds: float | None
    stops: int
    stop_seconds: float
    unexplained_stops: int
    micro_stops: int
    micro_stop_seconds: float


class StopRow(Struct, frozen=True, kw_only=True):
    """A stop and its reason."""

    device_id: str
    device_type: str | None
    line: str | None
    start: datetime
    end: datetime
    seconds: float
    state: State
    is_open: bool
    reason: str | None
    reason_text: str | None
    is_planned: bool
    given_by: str | None
    note: str


def production_rows(days: Sequence[MachineDay], by: By, resolution: Resolution) -> Iterator[ProductionRow]:
    """Rows by day and then by name. Machines of different types are never in one row."""
    periods = sorted({each.date for each in days}) if resolution == "day" else [None]
    for period in periods:
        of_period = [each for each in days if period in {None, each.date}]
        yield from _machine_rows(of_period, period) if by == "machine" else _kind_rows(of_period, period, by)


def stop_rows(days: Iterable[MachineDay], zone: ZoneInfo) -> list[StopRow]:
    """Stops without a reason first; within each group, the longest first."""
    rows = [_stop_row(day, each, zone) for day in days for each in day.stops]
    return sorted(rows, key=lambda row: (row.reason is not None, -row.seconds, row.device_id, row.start))


def reason_named(wanted: str, reasons: Iterable[StopReason]) -> StopReason | None:
    """A reason by its code or by its text, as a person may type it."""
    word = wanted.strip().lower()
    return next((each for each in reasons if word in {each.code, each.text.lower()}), None)


def stop_at(days: Iterable[MachineDay], at: float) -> ExplainedStop | None:
    """The stop at a moment."""
    every = (each for day in days for each in day.stops)
    return next((each for each in every if each.stop.start <= at < max(each.stop.end, each.stop.start + 1.0)), None)


def machine_totals(days: Iterable[MachineDay]) -> dict[tuple[str, Place], Amounts]:
    """The total of each machine's days."""
    amounts_by_place: dict[tuple[str, Place], Amounts] = {}
    for day in days:
        key = day.device_id, day.place
        amounts_by_place[key] = amounts_by_place.get(key, NOTHING) + day.amounts
    return amounts_by_place


def kinds_of(days: Iterable[MachineDay], by: By) -> dict[Kind, GroupPerformance]:
    """Machines by type, or by type within each line."""
    totals = machine_totals(days)
    return dict(
        together(
            (Kind(place.device_type, place.line if by == "line" else None), amounts)
            for (_, place), amounts in totals.items()
        )
    )


def _machine_rows(days: Sequence[MachineDay], period: date | None) -> Iterator[ProductionRow]:
    for (device_id, place), amounts in sorted(machine_totals(days).items(), key=lambda item: item[0][0]):
        own = [day for day in days if day.device_id == device_id]
        is_complete = int(amounts.oee is not None)
        yield _row(period, device_id, Kind(*place), GroupPerformance(amounts, amounts, 1, is_complete), own)


def _kind_rows(days: Sequence[MachineDay], period: date | None, by: By) -> Iterator[ProductionRow]:
    for kind, whole in sorted(
        kinds_of(days, by).items(), key=lambda item: (item[0].line or "", item[0].device_type or "")
    ):
        own = [
            day for day in days
            if day.place.device_type == kind.device_type and (by == "type" or day.place.line == kind.line)
        ]  # fmt: skip
        yield _row(period, None, kind, whole, own)


def _row(
    period: date | None, device_id: str | None, kind: Kind, whole: GroupPerformance, days: Sequence[MachineDay]
) -> ProductionRow:
    amounts = whole.amounts
    stops = [each for day in days for each in day.stops]
    stood = [each for day in days for each in day.stood]
    cycles = {day.cycle_seconds for day in days}
    return ProductionRow(
        date=period, device_id=device_id, device_type=kind.device_type, line=kind.line,
        machines=whole.machines, machines_complete=whole.machines_complete,
        oee=whole.oee, availability=amounts.availability, performance=amounts.performance, quality=amounts.quality,
        coverage=amounts.coverage, planned_seconds=amounts.planned_seconds, unknown_seconds=amounts.unknown_seconds,
        running_seconds=amounts.running_seconds, estimated_seconds=amounts.estimated_seconds,
        parts=amounts.known_parts, estimated_parts=amounts.known_estimated_parts,
        parts_from=amounts.parts_from,
        scrap=amounts.judged_parts - amounts.good_parts if amounts.judged_parts else None,
        cycle_seconds=cycles.pop() if len(cycles) == 1 else None,
        stops=len(stops), stop_seconds=sum(each.stop.seconds for each in stood),
        unexplained_stops=sum(each.reason is None for each in stops),
        micro_stops=sum(day.micro.stops for day in days), micro_stop_seconds=sum(day.micro.seconds for day in days),
    )  # fmt: skip


def _stop_row(day: MachineDay, each: ExplainedStop, zone: ZoneInfo) -> StopRow:
    stop, reason, explanation = each.stop, each.reason, each.explanation
    return StopRow(
        device_id=day.device_id, device_type=day.place.device_type, line=day.place.line,
        start=utc(stop.start).astimezone(zone), end=utc(stop.end).astimezone(zone), seconds=stop.seconds,
        state=stop.state, is_open=stop.is_open, reason=None if reason is None else reason.code,
        reason_text=None if reason is None else reason.text, is_planned=each.is_planned,
        given_by=None if explanation is None else explanation.by, note="" if explanation is None else explanation.note,
    )  # fmt: skip
