"""Adds up a month's days of all machines as they stream past: by line, machine and day. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from energytrack.ledger.day import Day
from energytrack.ledger.emissions import NO_EMISSIONS, DayFactors, Emissions, all_emissions, emissions_of
from energytrack.ledger.sums import NOTHING, EnergySums
from energytrack.report.content import DayUse, LineUse, MachineUse


class DayTally:
    """Adds days one by one: all days of a large plant's month would take hundreds of megabytes."""

    def __init__(self, factors: DayFactors) -> None:
        self._factors = factors
        self._lines: dict[str | None, EnergySums] = defaultdict(lambda: NOTHING)
        self._line_emissions: dict[str | None, Emissions] = defaultdict(lambda: NO_EMISSIONS)
        self._on_line: dict[str | None, set[str]] = defaultdict(set)
        self._machines: dict[str, MachineUse] = {}
        self._days: dict[date, EnergySums] = defaultdict(lambda: NOTHING)

    def passing(self, days: Iterable[Day]) -> Iterator[Day]:
        """Yield the given days unchanged, and count each."""
        for day in days:
            self._add(day)
            yield day

    def _add(self, day: Day) -> None:
        sums = day.sums()
        emissions = emissions_of(day, self._factors.of(day))
        self._lines[day.line] += sums
        self._line_emissions[day.line] += emissions
        self._on_line[day.line].add(day.device_id)
        self._days[day.date] += sums
        before = self._machines.get(day.device_id)
        self._machines[day.device_id] = MachineUse(
            day.device_id,
            day.device_type,
            day.line,
            sums if before is None else before.sums + sums,
            emissions if before is None else before.emissions + emissions,
        )

    @property
    def emissions(self) -> Emissions:
        """The emissions of the plant."""
        return all_emissions(self._line_emissions.values())

    def lines(self) -> tuple[LineUse, ...]:
        """The lines, highest cost first."""
        each = (
            LineUse(name, len(self._on_line[name]), sums, self._line_emissions[name])
            for name, sums in self._lines.items()
        )
        return tuple(sorted(each, key=lambda line: (-line.sums.cost, line.name or "")))

    def machines(self) -> tuple[MachineUse, ...]:
        """The machines, highest idle cost first."""
        return tuple(sorted(self._machines.values(), key=lambda each: (-each.sums.idle_cost, each.device_id)))

    def days(self, holiday: Callable[[date], str | None]) -> tuple[DayUse, ...]:
        """Days with any data, oldest first."""
        return tuple(DayUse(day, sums, holiday(day)) for day, sums in sorted(self._days.items()))
