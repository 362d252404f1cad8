"""Readings of the plant file's plant meters: what its machines use, and what no machine's meter covers.

A register follows from the machines' registers and the time alone, so it needs no state of its own and never falls.
"""

from typing import Final

import numpy as np

from energytrack.messages import Reading, encode
from energytrack.plant import Place, Plant
from energytrack.plant_meters.rules import PlantMeter
from energytrack.plant_meters.tree import MeterTree
from simulator.machines.arrays import Floats
from simulator.machines.fleet import READ, FleetConstants
from simulator.plant.events import moment
from simulator.readings import Outgoing

EVERY_MS: Final = 5000
"""Meters of a plant are read less often than its machines."""
UNMETERED_KW: Final = 0.25
"""Lights, heating, offices: mean power per machine, day and night."""
BY_DAY: Final = 0.6
"""How much more than the mean it is at noon, and less at midnight."""
AIR_PER_KWH: Final = 0.9
"""Cubic metres that machines with a pneumatic circuit take while they use a kilowatt hour."""
LEAKS_PER_HOUR: Final = 0.4
"""Cubic metres per machine."""
OTHER_PER_HOUR: Final = 0.15
"""Units per machine of other media."""
HOURS_A_DAY: Final = 24.0


class MeterReadings:
    """The readings of the plant meters at a tick."""

    def __init__(self, plant: Plant, fleet: FleetConstants) -> None:
        self._plant = plant
        self._count = len(fleet)
        self._pneumatic = ~fleet.hydraulic
        self._below = _machines_below(plant, fleet)

    def outgoing(self, registers: Floats, before_ms: int, at_ms: int) -> list[Outgoing]:
        """The encoded readings that are due between two ticks; machines' registers are in kWh."""
        if before_ms // EVERY_MS == at_ms // EVERY_MS:
            return []
        return [self._reading(key, each, registers, at_ms) for key, each in self._plant.meters.items()]

    def _reading(self, key: str, meter: PlantMeter, registers: Floats, at_ms: int) -> Outgoing:
        hours = max((moment(at_ms) - READ).total_seconds(), 0.0) / 3600.0
        if meter.medium == "electricity":
            below = self._below[key]
            used = float(registers[below].sum()) + UNMETERED_KW * float(below.sum()) * _shaped(hours)
        elif meter.medium == "compressed_air":
            used = AIR_PER_KWH * float(registers[self._pneumatic].sum()) + LEAKS_PER_HOUR * self._count * hours
        else:
            used = OTHER_PER_HOUR * self._count * _shaped(hours)
        count = float(np.floor(used / meter.factor * 1000.0) / 1000.0)
        reading = Reading(
            device_id=key, timestamp=moment(at_ms), temperature=None, pressure=None, current=None,
            energy_kwh=count if meter.signal is None else None,
            signals={} if meter.signal is None else {meter.signal: count},
        )  # fmt: skip
        return Outgoing(key, encode(reading))


def _shaped(hours: float) -> float:
    """Hours, weighted by the time of day (UTC): the integral of 1 - BY_DAY cos, which never falls."""
    turn = 2.0 * np.pi / HOURS_A_DAY
    return float(hours - BY_DAY * np.sin(turn * hours) / turn)


def _machines_below(plant: Plant, fleet: FleetConstants) -> dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """For each meter the machines in the whole tree below it."""
    tree = MeterTree(plant)
    own = tree.machines({device.device_id: Place(device.device_type, device.line) for device in fleet.devices})
    index = {device.device_id: place for place, device in enumerate(fleet.devices)}
    found: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    for key in reversed(tree.in_order()):
        mask = np.zeros(len(fleet), dtype=np.bool_)
        mask[[index[name] for name in own.get(key, ())]] = True
        for child in tree.children(key):
            mask |= found[child]
        found[key] = mask
    return found
