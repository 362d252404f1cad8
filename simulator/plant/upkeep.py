"""Repairs after a failure, and planned maintenance."""

from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.random import Generator

from simulator.machines import faults
from simulator.machines.arrays import Bools, Codes, Floats, Ints, changed
from simulator.machines.faults import SUDDEN, Wear
from simulator.machines.rates import Rates

SOUND: Final = 0
FAILED: Final = 1
MAINTENANCE: Final = 2

NOTICED: Final = 0.45
"""Wear that people may notice while they have opened a machine for another reason."""


class Upkeep(Struct, frozen=True, eq=False):
    """Machines that wait for repair, and machines in maintenance; one element per device."""

    condition: Codes
    """SOUND, FAILED or MAINTENANCE."""
    left_seconds: Floats
    """Until the repair begins (FAILED) or is done (MAINTENANCE)."""
    part: Ints
    """Index in `faults.COMPONENTS` of the component that failed or is in maintenance."""
    planned_seconds: Floats
    """Until the next planned maintenance is due."""
    turn: Ints
    """Number of planned maintenances; they take the components in turn."""


def new_upkeep(devices: int, rates: Rates, rng: Generator) -> Upkeep:
    """Machines in order, somewhere between two planned maintenances."""
    return Upkeep(
        condition=np.zeros(devices, dtype=np.int8),
        left_seconds=np.zeros(devices),
        part=np.zeros(devices, dtype=np.int64),
        planned_seconds=rng.random(devices) * rates.planned_days * 86_400.0 / rates.repair_speed,
        turn=rng.integers(0, 1000, devices),
    )


def tick_down(state: Upkeep, dt: float) -> tuple[Upkeep, Ints]:
    """Continue waiting and work for `dt` seconds; also returns the devices whose phase ends."""
    left = state.left_seconds - dt
    planned = state.planned_seconds - dt
    state = replace(state, left_seconds=left, planned_seconds=planned)
    due = np.where(state.condition == SOUND, planned, left) <= 0.0
    return state, np.flatnonzero(due)


def trip(state: Upkeep, device: int, part: int, rates: Rates, rng: Generator) -> Upkeep:
    """The machine has failed; somebody comes when they can."""
    hours = 1.2 * float(np.exp(rng.normal(0.0, 0.6))) / rates.repair_speed
    return changed(state, device, condition=FAILED, left_seconds=hours * 3600.0, part=part)


def begin(state: Upkeep, device: int, part: int, rates: Rates, rng: Generator) -> Upkeep:
    """Maintenance of a component begins; a repair takes longer than planned maintenance."""
    usual = 2.5 if state.condition[device] == FAILED else 1.2
    hours = usual * float(np.exp(rng.normal(0.0, 0.4))) / rates.repair_speed
    return changed(state, device, condition=MAINTENANCE, left_seconds=hours * 3600.0, part=part)


def finish(state: Upkeep, device: int, rates: Rates, rng: Generator) -> Upkeep:
    """The machine is in order again, and its next planned maintenance is a whole period away."""
    days = rates.planned_days / rates.repair_speed * float(rng.uniform(0.85, 1.15))
    return changed(state, device, condition=SOUND, left_seconds=0.0, planned_seconds=days * 86_400.0)


def postpone(state: Upkeep, device: int, seconds: float) -> Upkeep:
    """Planned maintenance waits for people."""
    return changed(state, device, planned_seconds=seconds)


def planned_part(state: Upkeep, device: int, wear: Wear, present: Bools, rng: Generator) -> tuple[Upkeep, int]:
    """The component that is next: a worn one that people notice, otherwise the one whose turn it is."""
    turn = int(state.turn[device])
    state = changed(state, device, turn=turn + 1)
    worst = int(np.argmax(wear.wear[:, device]))
    if wear.wear[worst, device] > NOTICED and rng.random() < 0.6:
        return state, worst
    parts = np.flatnonzero(present[:, device])
    return state, int(parts[turn % len(parts)]) if len(parts) else SUDDEN


def renewed(wear: Wear, device: int, part: int, rng: Generator) -> Wear:
    """A component after maintenance; occasionally it is only patched."""
    if part == SUDDEN:
        return wear
    fresh = faults.new_components((), rng)
    patched = 0.3 * float(wear.wear[part, device]) if rng.random() < 0.06 else 0.0
    values = {name: float(getattr(fresh, name)) for name in Wear.__struct_fields__}
    return changed(wear, (part, device), **(values | {"wear": patched}))
