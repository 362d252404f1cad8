"""Production: cycles within jobs, counted as a machine's controller counts them. Pure.

A cycle takes a little longer than the ideal one, more with the unrest of a worn machine, which also spoils more parts.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from simulator.machines.arrays import Bools, Floats
from simulator.machines.fleet import FleetConstants

SLOWNESS: Final = 0.06
"""How much longer than the ideal cycle a sound machine takes on average."""
UNEVEN: Final = 0.05
"""Standard deviation of that from step to step."""
SLOWED: Final = 0.10
"""How much longer a cycle takes at full unrest."""
SPOILED: Final = 0.012
"""The share of parts that a sound machine spoils."""
SPOILED_BY_WEAR: Final = 0.06
"""At full unrest."""
WORK_SHARE: Final = 0.6
"""The part of a cycle in which the machine works at its load; then parts are changed."""
STEPS_PER_CYCLE: Final = 4.0


class Output(Struct, frozen=True, eq=False):
    """The counters of each machine, one element per device."""

    parts: Floats
    """Whole parts, good or not."""
    scrap: Floats
    """The spoiled ones among them."""
    cycle: Floats
    """How far the running cycle is, 0 to 1."""


def swing(state: Output, *, fleet: FleetConstants, dt: float) -> Floats:
    """The load within a cycle, as a multiple of the job's, 1 on average: first the work, then handling.

    Steps that are too long to show it have the average.
    """
    visible = dt * STEPS_PER_CYCLE <= fleet.cycle_seconds
    above = np.where(state.cycle < WORK_SHARE, 1.0, -WORK_SHARE / (1.0 - WORK_SHARE))
    return np.asarray(1.0 + fleet.cycle_swing * above * visible * (1.0 - WORK_SHARE) / WORK_SHARE)


def none_made(devices: int) -> Output:
    """Counters at zero."""
    return Output(np.zeros(devices), np.zeros(devices), np.zeros(devices))


def step(state: Output, *, fleet: FleetConstants, working: Bools, unrest: Floats, dt: float, rng: Generator) -> Output:
    """The counters one step later; `unrest` is that of `faults.strain`."""
    slowness = 1.0 + SLOWNESS + UNEVEN * rng.standard_normal(len(fleet)) / np.sqrt(max(dt, 1.0)) + SLOWED * unrest
    cycle = state.cycle + working * dt / (fleet.cycle_seconds * np.maximum(slowness, 0.5))
    made = np.floor(cycle)
    spoiled = rng.binomial(made.astype(np.int64), np.minimum(SPOILED + SPOILED_BY_WEAR * unrest, 0.5))
    return Output(state.parts + made, state.scrap + spoiled, cycle - made)
