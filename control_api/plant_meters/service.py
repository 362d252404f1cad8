"""Plant meters: what they counted, and what no meter below them covers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from control_api.http.problems import Problem
from control_api.plant_meters.rules import MeterResolution, MeterRow, meter_rows
from energytrack.clock import Clock
from energytrack.ledger.local_days import date_at
from energytrack.plant import Plant
from energytrack.plant_meters.reading import PlantMeterReader
from energytrack.store import Store

MOST_MACHINE_DAYS: Final = 10_000
"""A month of 300 machines: some ten seconds of work."""


@dataclass(eq=False)
class PlantMeterService:
    store: Store
    plant: Plant
    clock: Clock
    _reader: PlantMeterReader = field(init=False)

    def __post_init__(self) -> None:
        self._reader = PlantMeterReader(self.store, self.plant)

    def span(self, first: date | None, last: date | None) -> tuple[date, date]:
        """The requested days, both included, today at the latest; raises Problem."""
        today = date_at(self.clock.now().timestamp(), self.plant.zone)
        last = last or today
        first = first or min(last, today)
        if first > last:
            raise Problem("invalid_request", f"from ({first}) is after to ({last}).")
        return first, min(last, today)

    def rows(self, first: date, last: date, resolution: MeterResolution, meter: str | None) -> Iterator[MeterRow]:
        """The rows of some days, both included; raises Problem."""
        if meter is not None and meter not in self.plant.meters:
            known = ", ".join(self.plant.meters) or "none"
            raise Problem("unknown_meter", f"There is no meter {meter!r} in plant.toml; there are: {known}.")
        now, days = self.clock.now(), (last - first).days + 1
        meters = None if meter is None else [meter]
        machines = self._reader.machines(now, meters)
        if days > 1 and machines * days > MOST_MACHINE_DAYS:
            raise Problem(
                "too_many_rows", f"{machines} machines and {days} days are too many at once: ask for fewer days."
            )
        found = self._reader.days(first, last, now=now, meters=meters)
        return meter_rows(found, self.plant, resolution)
