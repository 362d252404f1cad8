"""Emissions by period and group. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from control_api.energy.grouping import Grouping, name_of
from energytrack.contract.emissions import Factors
from energytrack.ledger.day import Day
from energytrack.ledger.emissions import NO_EMISSIONS, DayFactors, Emissions, emissions_of
from energytrack.ledger.local_days import midnight, utc
from energytrack.metering.quarters import QUARTER_SECONDS, QUARTERS_PER_HOUR
from energytrack.plant import Place

Resolution = Literal["hour", "day", "month"]


class EmissionRow(Struct, frozen=True):
    """What a machine, a line, a type or the plant emitted in one period; null where no factor is known."""

    start: datetime
    name: str | None
    kwh: float
    location_kg: float | None
    market_kg: float | None
    location_unknown_kwh: float
    market_unknown_kwh: float
    parts: float | None
    estimated_parts: float | None
    location_kg_per_part: float | None
    market_kg_per_part: float | None


class _PerPart:
    """Emissions by one method, and parts, where parts, the whole energy and a factor are known."""

    def __init__(self) -> None:
        self._kg = self._parts = 0.0

    def add(self, kwh: float, factor: float | None, parts: float) -> None:
        if factor is not None:
            self._kg += kwh * factor
            self._parts += parts

    @property
    def ratio(self) -> float | None:
        """Kilograms per part; None without parts."""
        return self._kg / self._parts if self._parts else None


class _Sum:
    """Emissions and parts of a group."""

    def __init__(self) -> None:
        self.emissions = NO_EMISSIONS
        self.parts: float | None = None
        self.estimated_parts = 0.0
        self.location, self.market = _PerPart(), _PerPart()

    def add(self, emissions: Emissions, parts: float | None, estimated: float) -> None:
        self.emissions += emissions
        self.estimated_parts += estimated
        if parts is not None:
            self.parts = (self.parts or 0.0) + parts

    def add_per_part(self, day: Day, factors: Sequence[Factors], first: int, until: int) -> None:
        for index, parts in enumerate((day.parts or ())[first:until], start=first):
            if parts is not None and (kwh := day.whole_kwh(index)) is not None:
                self.location.add(kwh, factors[index].location, parts)
                self.market.add(kwh, factors[index].market, parts)


def rows(
    days: Iterable[Day], by: Grouping, resolution: Resolution, factors: DayFactors, zone: ZoneInfo
) -> Iterator[EmissionRow]:
    """By time and then by name; periods without energy are left out."""
    groups: dict[tuple[float, str], tuple[str | None, _Sum]] = {}
    for day in days:
        name = name_of(by, day.device_id, Place(day.device_type, day.line))
        of_day = factors.of(day)
        size = QUARTERS_PER_HOUR if resolution == "hour" else len(day)
        for first in range(0, len(day), size):
            emissions = emissions_of(day, of_day, first, first + size)
            if emissions.kwh:
                start = _start(day, first, resolution, zone)
                _, group = groups.setdefault((start, name or ""), (name, _Sum()))
                group.add(emissions, _parts(day, first, first + size), _estimated(day, first, first + size))
                group.add_per_part(day, of_day, first, first + size)
    for (start, _), (name, group) in sorted(groups.items(), key=lambda item: item[0]):
        yield _row(utc(start).astimezone(zone), name, group)


def _start(day: Day, first: int, resolution: Resolution, zone: ZoneInfo) -> float:
    if resolution == "month":
        return midnight(date(day.date.year, day.date.month, 1), zone)
    return day.start + first * QUARTER_SECONDS


def _parts(day: Day, first: int, until: int) -> float | None:
    counted = [parts for parts in (day.parts or ())[first:until] if parts is not None]
    return sum(counted) if counted else None


def _estimated(day: Day, first: int, until: int) -> float:
    return sum((day.parts or ())[index] or 0.0 for index in day.parts_estimated if first <= index < until)


def _row(start: datetime, name: str | None, group: _Sum) -> EmissionRow:
    emissions, parts = group.emissions, group.parts
    location, market = emissions.known_location_kg, emissions.known_market_kg
    return EmissionRow(
        start=start, name=name, kwh=emissions.kwh, location_kg=location, market_kg=market,
        location_unknown_kwh=emissions.location_unknown_kwh, market_unknown_kwh=emissions.market_unknown_kwh,
        parts=parts, estimated_parts=None if parts is None else group.estimated_parts,
        location_kg_per_part=group.location.ratio, market_kg_per_part=group.market.ratio,
    )  # fmt: skip
