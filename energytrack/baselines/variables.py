"""What energy may depend on: relevant variables (ISO 50006), each a value per local day, with its source. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from energytrack.baselines.energy import DayEnergy
from energytrack.ledger.local_days import dates, midnight, quarter_count
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.plant import Plant

Source = Literal["ledger", "calendar", "readings", "import", "api"]
Series = Mapping[date, float]


class Variable(NamedTuple):
    """A variable that Energy Track has without any import."""

    name: str
    source: Source
    unit: str
    meaning: str


PARTS: Final = "parts"
ESTIMATED_PARTS: Final = "estimated_parts"
HOURS_IN_OPERATION: Final = "hours_in_operation"
SHIFT_HOURS: Final = "shift_hours"
OFF_SHIFT_HOURS: Final = "off_shift_hours"
OWN: Final = (
    Variable(PARTS, "ledger", "pieces", "Parts produced, as the machines count them."),
    Variable(ESTIMATED_PARTS, "ledger", "pieces", "Parts, some of them estimated from cycles in the current."),
    Variable(HOURS_IN_OPERATION, "ledger", "h", "Hours in which the machines worked, added up over machines."),
    Variable(SHIFT_HOURS, "calendar", "h", "Hours in which the lines work, by the plant's calendar; mean over lines."),
    Variable(OFF_SHIFT_HOURS, "calendar", "h", "The other hours of the day; mean over lines."),
)
"""Any other name is a series that was imported or sent."""
OWN_NAMES: Final = frozenset(variable.name for variable in OWN)

_FROM_LEDGER: Final[Mapping[str, Callable[[DayEnergy], float | None]]] = MappingProxyType(
    {
        PARTS: lambda day: day.parts,
        ESTIMATED_PARTS: lambda day: day.estimated_parts,
        HOURS_IN_OPERATION: lambda day: day.hours_in_operation,
    }
)


def from_ledger(name: str, energy: Mapping[date, DayEnergy]) -> Series:
    """A variable from the ledger; days on which it is not known are left out."""
    read = _FROM_LEDGER[name]
    return {day: value for day, each in energy.items() if (value := read(each)) is not None}


def from_calendar(name: str, plant: Plant, lines: frozenset[str], first: date, last: date) -> Series:
    """Hours in or out of shift of some lines, from the calendar; a day has 23 or 25 hours if the clocks change."""
    own_lines = sorted(lines & set(plant.lines))
    if not own_lines:
        return {}
    series = {}
    for day in dates(first, last):
        starts = [midnight(day, plant.zone) + n * QUARTER_SECONDS for n in range(quarter_count(day, plant.zone))]
        moments = [datetime.fromtimestamp(start, plant.zone) for start in starts]
        works = sum(plant.in_shift(line, moment) for line in own_lines for moment in moments) / len(own_lines)
        quarters = works if name == SHIFT_HOURS else len(starts) - works
        series[day] = quarters * QUARTER_SECONDS / 3600.0
    return series


def is_from_ledger(name: str) -> bool:
    """Whether the variable comes from the ledger."""
    return name in _FROM_LEDGER


def is_from_calendar(name: str) -> bool:
    """Whether it comes from the calendar."""
    return name in {SHIFT_HOURS, OFF_SHIFT_HOURS}
