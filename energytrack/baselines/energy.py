"""Energy of some machines by local day, in all hours or only out of shift: what a baseline is about. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

from msgspec import Struct

from energytrack.ledger.day import Day
from energytrack.ledger.sums import EnergySums, total
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant

Hours = Literal["all", "off_shift"]
"""`off_shift`: quarter hours that begin while nobody works on the machine's line."""
Mask = Sequence[bool]
MaskOf = Callable[[Day], Mask]
LEAST_KNOWN: Final = 0.95
"""A day counts if the energy of at least this share of its time is known."""
WORK_SHARE: Final = 0.5
"""A quarter hour counts as operation if at least this share of its energy was not idle."""


class DayEnergy(Struct, frozen=True):
    """The energy of one local day within a boundary, and what else the ledger has for that day."""

    kwh: float
    estimated_kwh: float
    """The part of it that comes from currents and ratings instead of a meter."""
    idle_kwh: float | None
    """The part of it that was used while idle; None if unknown."""
    known_ratio: float
    """The part of the machines' time of which the energy is known."""
    price_per_kwh: float | None
    """Mean over the selected hours, not weighted by energy; None if a price is not known."""
    hours: float
    """The selected hours, of all machines together."""
    hours_in_operation: float | None
    """In all hours, not only the selected ones; None if unknown when the machine was idle."""
    parts: float | None
    """Counted parts, in all hours; None if not counted."""
    estimated_parts: float | None = None
    """The same if some are estimated from cycles in the current; None if none are, or some are not known."""

    @property
    def is_known(self) -> bool:
        """Whether enough of the day is known to compare it with others."""
        return self.known_ratio >= LEAST_KNOWN


def all_hours(day: Day) -> Mask:
    """Every quarter hour."""
    return (True,) * len(day)


class OffShift:
    """The quarter hours of a day that begin while nobody works on the machine's line; cached by line and day.

    On machines whose line is not in the plant file, nobody ever works.
    """

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._masks: dict[tuple[str | None, date], Mask] = {}

    def __call__(self, day: Day) -> Mask:
        key = (day.line, day.date)
        if key not in self._masks:
            self._masks[key] = tuple(
                not self._works(day.line, day.start + index * QUARTER_SECONDS) for index in range(len(day))
            )
        return self._masks[key]

    def _works(self, line: str | None, at: float) -> bool:
        if line is None or line not in self._plant.lines:
            return False
        return self._plant.in_shift(line, datetime.fromtimestamp(at, self._plant.zone))


def by_day(days: Iterable[Day], mask_of: MaskOf) -> Mapping[date, DayEnergy]:
    """Add up the days of all machines by date; a machine without data on a date lowers that date's known share."""
    days_by_date: dict[date, list[Day]] = defaultdict(list)
    machines: set[str] = set()
    for day in days:
        days_by_date[day.date].append(day)
        machines.add(day.device_id)
    return {
        day: _added(counted_days, mask_of, missing=len(machines) - len(counted_days))
        for day, counted_days in sorted(days_by_date.items())
    }


def _added(days: Sequence[Day], mask_of: MaskOf, *, missing: int) -> DayEnergy:
    whole_days = [day.sums() for day in days]
    sums: list[EnergySums] = []
    prices: list[float | None] = []
    quarters = 0
    for day, whole_day in zip(days, whole_days, strict=True):
        mask = mask_of(day)
        quarters += sum(mask)
        prices += [price for price, inside in zip(day.price_per_kwh, mask, strict=True) if inside]
        sums += [whole_day] if all(mask) else [day.sums(first, until) for first, until in _stretches(mask)]
    whole = total(sums)
    seconds = quarters * QUARTER_SECONDS * (len(days) + missing) / len(days)
    parts, is_estimated = _parts(whole_days), any(each.estimated_parts_seconds for each in whole_days)
    known_prices = [price for price in prices if price is not None]
    return DayEnergy(
        kwh=whole.counted_kwh,
        estimated_kwh=whole.estimated_kwh,
        idle_kwh=whole.known_idle_kwh,
        known_ratio=whole.known_seconds / seconds if seconds else 1.0,
        price_per_kwh=sum(known_prices) / len(prices) if prices and len(known_prices) == len(prices) else None,
        hours=quarters * QUARTER_SECONDS / 3600.0,
        hours_in_operation=_hours_in_operation(days, total(whole_days)),
        parts=None if is_estimated else parts,
        estimated_parts=parts if is_estimated else None,
    )


def _stretches(mask: Mask) -> Iterable[tuple[int, int]]:
    """(first, until) of each run of consecutive quarter hours in the mask."""
    first: int | None = None
    for index, inside in enumerate((*mask, False)):
        if inside and first is None:
            first = index
        elif not inside and first is not None:
            yield first, index
            first = None


def _hours_in_operation(days: Sequence[Day], sums: EnergySums) -> float | None:
    if sums.idle_unknown_kwh > (1.0 - LEAST_KNOWN) * sums.counted_kwh:
        return None
    worked = 0
    for day in days:
        for index in range(len(day)):
            used = day.measured_kwh[index] + day.bridged_kwh[index] + day.estimated_kwh[index]
            worked += used > 0.0 and used - day.idle_kwh[index] >= WORK_SHARE * used
    return worked * QUARTER_SECONDS / 3600.0


def _parts(sums: Sequence[EnergySums]) -> float | None:
    """All machines' parts; None if those of one are not known while its energy is known."""
    if not all(each.parts_seconds and each.parts_seconds >= LEAST_KNOWN * each.known_seconds for each in sums):
        return None
    return sum(each.parts for each in sums)
