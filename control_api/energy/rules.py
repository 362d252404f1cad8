"""Energy by period and group, and what a decision may be about. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from control_api.energy.grouping import Grouping, MachineRoster, Total, grouped, name_of
from energytrack.ledger.correction import Decision
from energytrack.ledger.day import Day
from energytrack.ledger.local_days import ONE_DAY, midnight, utc
from energytrack.ledger.sources import PartsSource
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.metering.reasons import EXPLANATIONS, Reason
from energytrack.plant import Place
from energytrack.plant_meters.rules import KWH

Resolution = Literal["15min", "hour", "day", "month", "year"]
LONGEST_DECISION: Final = timedelta(days=31)
FIRST_YEAR: Final = 2000
HIGHEST_KW: Final = 10_000.0
"""More than a machine of any plant uses: a value beyond it is a slip of the keyboard."""


class EnergyRow(Struct, frozen=True):
    """What a machine, a line, a type or the plant used in one period; null where it is not known."""

    start: datetime
    name: str | None
    kwh: float | None
    cost: float | None
    idle_kwh: float | None
    idle_cost: float | None
    measured_kwh: float
    bridged_kwh: float
    estimated_kwh: float
    corrected_kwh: float
    suspect_kwh: float
    unpriced_kwh: float
    coverage: float | None
    measured_seconds: float
    bridged_seconds: float
    estimated_seconds: float
    corrected_seconds: float
    unknown_seconds: float
    since: datetime | None
    parts: float | None
    estimated_parts: float | None
    parts_from: tuple[PartsSource, ...]
    scrap: float | None
    kwh_per_part: float | None
    cost_per_part: float | None
    imported_kwh: float
    imported_seconds: float


def first_day(day: date, resolution: Resolution) -> date:
    """The first day of the period that a day lies in."""
    if resolution == "year":
        return day.replace(month=1, day=1)
    return day.replace(day=1) if resolution == "month" else day


def next_period(day: date, resolution: Resolution) -> date:
    """The first day of the next period."""
    if resolution == "year":
        return date(day.year + 1, 1, 1)
    if resolution == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day + ONE_DAY


def periods(first: date, last: date, resolution: Resolution, zone: ZoneInfo) -> int:
    """How many periods there are from `first` to `last`, both included."""
    if resolution in {"15min", "hour"}:
        quarters = round((midnight(last + ONE_DAY, zone) - midnight(first, zone)) / QUARTER_SECONDS)
        return quarters if resolution == "15min" else quarters // 4
    count, day = 0, first_day(first, resolution)
    while day <= last:
        count, day = count + 1, next_period(day, resolution)
    return count


def whole_months(first: date, last: date, today: date) -> tuple[date, date] | None:
    """The first and last day of the whole months from `first` to `last`; the current month counts as whole.

    None if there is none.
    """
    start = first if first.day == 1 else next_period(first.replace(day=1), "month")
    end = last if last >= today or (last + ONE_DAY).day == 1 else last.replace(day=1) - ONE_DAY
    return (start, end) if start <= end else None


def row(start: float, end: float, name: str | None, total: Total, *, zone: ZoneInfo) -> EnergyRow:
    """The row of a period from `start` to `end`."""
    sums = total.sums
    known_time = sums.known_seconds
    whole = max(total.seconds, known_time + sums.unknown_seconds)
    return EnergyRow(
        start=utc(start).astimezone(zone),
        name=name,
        kwh=sums.kwh,
        cost=sums.known_cost,
        idle_kwh=sums.known_idle_kwh,
        idle_cost=sums.known_idle_cost,
        measured_kwh=sums.measured_kwh,
        bridged_kwh=sums.bridged_kwh,
        estimated_kwh=sums.estimated_kwh,
        corrected_kwh=sums.corrected_kwh,
        suspect_kwh=sums.suspect_kwh,
        unpriced_kwh=sums.unpriced_kwh,
        coverage=known_time / whole if whole else None,
        measured_seconds=sums.measured_seconds,
        bridged_seconds=sums.bridged_seconds,
        estimated_seconds=sums.estimated_seconds,
        corrected_seconds=sums.corrected_seconds,
        unknown_seconds=whole - known_time,
        since=utc(total.since).astimezone(zone) if start < total.since < end else None,
        parts=sums.known_parts,
        estimated_parts=sums.known_estimated_parts,
        parts_from=sums.parts_from,
        scrap=sums.known_scrap,
        kwh_per_part=sums.kwh_per_part,
        cost_per_part=sums.cost_per_part,
        imported_kwh=sums.imported_kwh,
        imported_seconds=sums.imported_seconds,
    )


def rows_of_day(
    days: Sequence[Day], by: Grouping, resolution: Resolution, *, machines: MachineRoster, now: float, zone: ZoneInfo
) -> Iterator[EnergyRow]:
    """Rows of quarter hours or hours, for days of one date."""
    size = 1 if resolution == "15min" else 4
    if not days:
        return
    names = {day.device_id: name_of(by, day.device_id, Place(day.device_type, day.line)) for day in days}
    for first in range(0, len(days[0]), size):
        start = days[0].start + first * QUARTER_SECONDS
        end = start + size * QUARTER_SECONDS
        if start >= now:
            return
        sums_of = {day.device_id: {names[day.device_id]: day.sums(first, first + size)} for day in days}
        groups = dict(grouped(sums_of, machines, start, end, by))
        for name in sorted(groups, key=lambda name: name or ""):
            yield row(start, end, name, groups[name], zone=zone)


class SuspectPeriod(Struct, frozen=True):
    """Consecutive quarter hours with suspect energy, which wait for a person's decision."""

    device_id: str
    line: str | None
    start: datetime
    end: datetime
    suspect_kwh: float
    counted_kwh: float | None
    unit: str
    is_meter: bool
    reasons: tuple[Reason, ...]
    text: str


def suspects_of(day: Day, unit: str = KWH, *, is_meter: bool = False) -> Iterator[SuspectPeriod]:
    """The periods of a day that wait for a decision; a meter's amounts are in its own unit."""
    first: int | None = None
    for index in range(len(day) + 1):
        suspect = index < len(day) and day.suspect_kwh[index] > 0.0
        if suspect and first is None:
            first = index
        elif not suspect and first is not None:
            yield _stretch(day, first, index, unit, is_meter=is_meter)
            first = None


def _stretch(day: Day, first: int, until: int, unit: str, *, is_meter: bool) -> SuspectPeriod:
    reasons = tuple(
        reason
        for reason, where in day.reasons.items()
        if reason in SUSPICIOUS and any(first <= index < until for index in where)
    )
    sums = day.sums(first, until)
    words = " ".join(f"{EXPLANATIONS[reason].words} {EXPLANATIONS[reason].mend}" for reason in reasons)
    return SuspectPeriod(
        day.device_id, day.line, utc(day.start + first * QUARTER_SECONDS), utc(day.start + until * QUARTER_SECONDS),
        sums.suspect_kwh, sums.kwh, unit, is_meter, reasons, words,
    )  # fmt: skip


SUSPICIOUS: Final = frozenset(
    {"looks_like_wh", "above_limit", "runs_backwards", "exchanged_higher", "exchanged_lower", "reset", "leap"}
)


class QuarterRange(NamedTuple):
    """A whole number of quarter hours."""

    start: datetime
    end: datetime

    def overlap(self, day: Day) -> range:
        """Its quarter hours within a day."""
        first = round((self.start.timestamp() - day.start) / QUARTER_SECONDS)
        until = round((self.end.timestamp() - day.start) / QUARTER_SECONDS)
        return range(max(0, first), min(len(day), until))


def complaint(
    start: datetime, end: datetime, decision: Decision, kwh: float | None, *, now: datetime,
    most_kw: float | None = HIGHEST_KW,
) -> str | None:  # fmt: skip
    """Why this decision about these quarter hours is not possible, in a sentence; None if it is."""
    for moment in (start, end):
        if moment.tzinfo is None or moment.timestamp() % QUARTER_SECONDS:
            return f"{moment.isoformat()} is not the beginning of a quarter hour, with its zone."
    if start >= end or start.year < FIRST_YEAR:
        return f"end must be after start, and both in this century (from {FIRST_YEAR} on)."
    if end - start > LONGEST_DECISION:
        return f"Decide about at most {LONGEST_DECISION.days} days at once."
    return (
        "These quarter hours have not come yet." if start > now else _about_value(decision, kwh, end - start, most_kw)
    )


def _about_value(decision: Decision, kwh: float | None, length: timedelta, most_kw: float | None) -> str | None:
    if (decision == "value") != (kwh is not None):
        return "kwh is required for the decision value, and only for that."
    hours = length.total_seconds() / 3600.0
    if kwh is not None and most_kw is not None and kwh > most_kw * hours:
        return f"{kwh:,.0f} kWh in {hours:g} h is more than any machine uses."
    return None


def too_long(count: int, most: int) -> str | None:
    """Why a response would be too long, and what to request instead; None if it is not."""
    if count <= most:
        return None
    return (
        f"This would be up to {count:,} rows, and at most {most:,} are given here. Ask for a shorter time, a coarser "
        "resolution (hour, day, month), or one machine or line; CSV has the highest limit."
    )
