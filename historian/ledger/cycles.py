"""Estimates parts of machines without a counter: hour by hour, from the cycles in their stored current.

An hour is analysed once the machine's meter is past it, so the result does not depend on when that happens. Progress is
stored with the day; what was analysed but not stored is analysed again.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from msgspec.structs import replace

from energytrack.clock import Clock
from energytrack.errors import StoreUnavailable
from energytrack.ledger.counting import DayCount
from energytrack.ledger.day import Day
from energytrack.ledger.local_days import date_at, midnight, utc
from energytrack.metering.quarters import QUARTER_SECONDS, QUARTERS_PER_HOUR
from energytrack.metering.values import Meter
from energytrack.plant import Place, Plant
from energytrack.production.estimating import Estimate, parts_by_quarter
from energytrack.store import Store
from historian.ledger.machine_energy import MachineEnergy
from historian.ledger.meters import FleetMeters

HOUR: Final = QUARTER_SECONDS * QUARTERS_PER_HOUR
BEFORE: Final = QUARTER_SECONDS
"""This much of the previous hour is included: a cycle is recognised by its neighbours."""
AFTER: Final = 120.0
TURN_EVERY_SECONDS: Final = 1.0
TURN_SECONDS: Final = 10.0
REST: Final = 4.0
"""After a round, none begins for this many times as long as it took: live readings wait meanwhile."""
ROUND_EVERY_SECONDS: Final = 60.0


class CyclesInCurrent:
    """Analyses one machine's hour at a time, between batches."""

    def __init__(self, store: Store, plant: Plant, meters: FleetMeters, *, clock: Clock) -> None:
        self._store = store
        self._plant = plant
        self._meters = meters
        self._clock = clock
        self._wanted = any(each.parts_per_cycle is not None for each in plant.production.types.values())
        self._next = clock.monotonic()
        self._round: Iterator[str] = iter(())
        self._found_some = False

    def run_once(self) -> None:
        """Analyse the next machine's next hour, if one is due. After a failure, the next round tries again."""
        now = self._clock.monotonic()
        if not self._wanted or now < self._next:
            return
        for device_id in self._round:
            machine = self._meters.get(device_id)
            if machine is not None and (hour := self._due(machine)) is not None:
                self._look(machine, hour)
                self._found_some = True
                took = self._clock.monotonic() - now
                self._next = now + took + max(TURN_EVERY_SECONDS, REST * took)
                return
        self._round = iter(self._meters.names())
        self._next = now + (TURN_EVERY_SECONDS if self._found_some else ROUND_EVERY_SECONDS)
        self._found_some = False

    def _look(self, machine: MachineEnergy, hour: float) -> None:
        try:
            with self._store.within(TURN_SECONDS):
                machine.estimate_parts(
                    list(estimates(self._store, self._plant, machine.device_id, machine.place, [hour]))
                )
        except StoreUnavailable:
            return

    def _due(self, machine: MachineEnergy) -> float | None:
        """The start of the hour to analyse; None if there is none."""
        meter = machine.meter
        if meter is None or not looks_for_cycles(machine, self._plant):
            return None
        hour = next_hour(machine, meter, self._plant)
        return hour if meter.at >= hour + HOUR + AFTER else None


def next_hour(machine: MachineEnergy, meter: Meter, plant: Plant) -> float:
    """The start of the first hour that was not analysed yet."""
    if machine.cycles_until is not None:
        return machine.cycles_until
    start = midnight(date_at(meter.at, plant.zone), plant.zone)
    return start + max(0.0, ((machine.since or start) - start) // HOUR * HOUR)


def hours_looked_at(machine: MachineEnergy, plant: Plant, *, since: float) -> list[float]:
    """The analysed hours that late readings from `since` on may change."""
    if machine.meter is None or not looks_for_cycles(machine, plant):
        return []
    touched = since - HOUR - AFTER
    start = midnight(date_at(touched, plant.zone), plant.zone)
    first = start + math.ceil((touched - start) / HOUR) * HOUR
    hours: list[float] = np.arange(first, next_hour(machine, machine.meter, plant), HOUR).tolist()
    return hours


def looks_for_cycles(machine: MachineEnergy, plant: Plant) -> bool:
    """Whether a machine's parts are estimated from its current: by the plant file, and if it counts none itself."""
    return (
        machine.counters.parts is None and plant.production.kind(machine.place.device_type).parts_per_cycle is not None
    )


def estimates(store: Store, plant: Plant, device_id: str, place: Place, hours: Sequence[float]) -> Iterator[Estimate]:
    """The parts that a machine's stored current shows for some hours; raises StoreUnavailable."""
    rules = plant.production.kind(place.device_type)
    listed = plant.device(device_id)
    by_part = (None if listed is None else listed.cycle_seconds) or rules.cycle_seconds
    if by_part is None or rules.parts_per_cycle is None:
        return
    limits = plant.limits(device_id, place.device_type)
    for hour in hours:
        readings = store.readings.stream([device_id], since=utc(hour - BEFORE), until=utc(hour + HOUR + AFTER))
        quarters = [hour + n * QUARTER_SECONDS for n in range(QUARTERS_PER_HOUR)]
        yield from parts_by_quarter(
            readings, quarters, limits, cycle_seconds=by_part * rules.parts_per_cycle,
            parts_per_cycle=rules.parts_per_cycle,
        )  # fmt: skip


def with_cycles(day: Day, store: Store, plant: Plant, *, until: float) -> Day:
    """The day with new results by cycles for its hours that are over at `until`."""
    hours = [start for start in np.arange(day.start, day.end, HOUR).tolist() if start + HOUR + AFTER <= until]
    count = DayCount(replace(day, cycle_parts=None, cycles_until=None))
    for start, parts in estimates(store, plant, day.device_id, Place(day.device_type, day.line), hours):
        count.estimate_parts(parts, start)
    return count.day()
