"""A machine's spells: periods of one state, found between its readings. Pure.

The state of a reading holds until the next one, if that comes soon enough; otherwise the time in between is unknown and
not in any spell. If a machine does not report its state, it is estimated from the current.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from energytrack.fields import State
from energytrack.ledger.local_days import ONE_DAY, date_at, midnight
from energytrack.messages import Reading
from energytrack.metering.limits import Limits


class Spell(Struct, frozen=True, gc=False):
    """A period in which a machine was in one state, in seconds since the epoch."""

    start: float
    end: float
    state: State
    is_estimated: bool = False
    """Inferred from the current instead of reported by the machine."""

    @property
    def seconds(self) -> float:
        """The length of the spell."""
        return self.end - self.start


class StateMark(Struct, frozen=True, gc=False):
    """A machine's state by its last reading; None if that does not show it."""

    at: float
    state: State | None
    is_estimated: bool = False


def mark_of(reading: Reading, at: float, limits: Limits) -> StateMark:
    """The state in a reading, or by its current: nearly none means stopped, above idle means running."""
    if reading.state is not None:
        return StateMark(at, reading.state)
    if reading.current is None or limits.idle_amperes is None:
        return StateMark(at, None)
    low, high = limits.idle_amperes
    state: State = "stopped" if reading.current < low else "idle" if reading.current <= high else "running"
    return StateMark(at, state, is_estimated=True)


class SpellDay(Struct, frozen=True):
    """A machine's spells of one local day, oldest first, without overlaps."""

    device_id: str
    date: date
    start: float
    """Local midnight, seconds since the epoch."""
    through: float
    """Time of the last reading that added to this day: earlier ones are included."""
    spells: tuple[Spell, ...]


class SpellCount:
    """One machine's day while spells are added."""

    def __init__(self, device_id: str, day: date, zone: ZoneInfo, stored: SpellDay | None = None) -> None:
        """Continues a stored day, or starts an empty one."""
        self.device_id, self.date = device_id, day
        self.start, self.end = midnight(day, zone), midnight(day + ONE_DAY, zone)
        self._counted_before = self.through = -math.inf if stored is None else stored.through
        self._spells = [] if stored is None else list(stored.spells)
        self.changed = False

    def add(self, spell: Spell, at: float) -> None:
        """Add time within this day, found by the reading at `at`; a reading that is already included adds nothing."""
        if at <= self._counted_before:
            return
        last = self._spells[-1] if self._spells else None
        if last is not None and (last.end, last.state, last.is_estimated) == (
            spell.start, spell.state, spell.is_estimated
        ):  # fmt: skip
            self._spells[-1] = Spell(last.start, spell.end, last.state, last.is_estimated)
        else:
            self._spells.append(spell)
        self.through = at
        self.changed = True

    def day(self) -> SpellDay:
        """The day as it is now."""
        return SpellDay(self.device_id, self.date, self.start, self.through, tuple(self._spells))


class MachineSpells:
    """The days of one machine whose spells are being found."""

    def __init__(self, device_id: str, zone: ZoneInfo, *, since: float = -math.inf) -> None:
        """Time before `since` is not added: it is in stored days already."""
        self._device_id = device_id
        self._zone = zone
        self._since = since
        self._days: dict[date, SpellCount] = {}
        self._latest: SpellCount | None = None

    def __iter__(self) -> Iterator[SpellCount]:
        """The days in memory."""
        return iter(self._days.values())

    def put(self, day: SpellDay) -> None:
        """Keep a stored day in memory."""
        self._days[day.date] = SpellCount(day.device_id, day.date, self._zone, day)

    def take(self, before: StateMark | None, after: StateMark, limits: Limits) -> None:
        """Add the time between two readings, if it is known what the machine did."""
        if before is None or before.state is None or not 0.0 < after.at - before.at <= limits.gap_seconds:
            return
        start = max(before.at, self._since)
        while start < after.at:
            day = self._at(start)
            end = min(after.at, day.end)
            day.add(Spell(start, end, before.state, before.is_estimated), after.at)
            start = end

    def let_go(self, *, after: date) -> None:
        """Drop days after a date: they are not counted completely."""
        for day in [day for day in self._days if day > after]:
            del self._days[day]
        self._latest = None

    def settle(self, *, before: float) -> None:
        """Drop days that ended before a time and have nothing new to store."""
        for day in [day for day in self if day.end <= before and not day.changed]:
            del self._days[day.date]
        self._latest = None

    def _at(self, at: float) -> SpellCount:
        latest = self._latest
        if latest is None or not latest.start <= at < latest.end:
            day = date_at(at, self._zone)
            latest = self._days.get(day)
            if latest is None:
                latest = self._days[day] = SpellCount(self._device_id, day, self._zone)
            self._latest = latest
        return latest


_LETTERS: Final[dict[State, str]] = {
    "running": "r", "idle": "i", "stopped": "s", "failed": "f", "maintenance": "m",
}  # fmt: skip
_STATES: Final[dict[str, State]] = {letter: state for state, letter in _LETTERS.items()}


def letters_of(spells: Iterable[Spell]) -> str:
    """The states of spells as one text, one letter each, in capitals if estimated."""
    return "".join(_LETTERS[each.state].upper() if each.is_estimated else _LETTERS[each.state] for each in spells)


def state_of(letter: str) -> tuple[State, bool]:
    """The state that a letter stands for, and whether it is estimated."""
    return _STATES[letter.lower()], letter.isupper()
