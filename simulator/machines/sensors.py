"""Values of the sensors: bias, noise, resolution, and occasional faults."""

import math
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from simulator.machines.arrays import Codes, Floats
from simulator.machines.fleet import Sensors
from simulator.machines.rates import Rates

SIGNALS: Final = ("temperature", "pressure", "current")

SOUND: Final = 0
LOST: Final = 1
STUCK: Final = 2
SPIKING: Final = 3
DRIFTING: Final = 4
FAULTS: Final = ("sound", "lost", "stuck", "spiking", "drifting")

_MEAN_SECONDS: Final = np.array([math.inf, 1200.0, 3600.0, 1800.0, 5400.0])
"""How long each kind of fault lasts on average."""
_SPIKES_PER_SECOND: Final = 0.03
_ASTRAY: Final = np.array([[0.5], [0.15], [0.4]])
"""Size of a spike, and of a drift in an hour, as a fraction of the signal's usual size."""


class SensorFaults(Struct, frozen=True, eq=False):
    """Current faults of the sensors; [3, devices]."""

    kind: Codes
    left_seconds: Floats
    astray: Floats
    """The value of a stuck sensor; the error of a drifting one."""


def all_sound(devices: int) -> SensorFaults:
    """Sensors without a fault."""
    shape = (len(SIGNALS), devices)
    return SensorFaults(np.zeros(shape, dtype=np.int8), np.zeros(shape), np.zeros(shape))


def step(
    state: SensorFaults, physical: Floats, *, sensors: Sensors, usual: Floats, dt: float, rates: Rates, rng: Generator
) -> tuple[SensorFaults, Floats]:
    """The sensors' faults and values, float64[3, devices], NaN if lost; `usual` is the size of each signal.

    A value that covers `dt` seconds is the mean of one per second, so its noise is accordingly lower.
    """
    samples = max(dt, 1.0)
    noise = sensors.noise * (rng.standard_normal(physical.shape) / math.sqrt(samples))
    shown = np.maximum(physical * sensors.gain + sensors.offset + noise, 0.0)
    day = dt / 86_400.0
    odds = np.array([rates.lost_per_day, rates.stuck_per_day, rates.spiking_per_day, rates.drifting_per_day]) * day
    fate = rng.random(physical.shape)
    begins = fate < odds.sum()
    if begins.any() or state.kind.any():
        state = _faults(state, shown, begins=begins, fate=fate, odds=odds, usual=usual, dt=dt, rng=rng)
        shown = _falsified(state, shown, usual=usual, samples=samples, rng=rng)
    rounded: Floats = np.rint(shown * sensors.steps) / sensors.steps
    return state, rounded


def _faults(
    state: SensorFaults,
    shown: Floats,
    *,
    begins: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    fate: Floats,
    odds: Floats,
    usual: Floats,
    dt: float,
    rng: Generator,
) -> SensorFaults:
    left = state.left_seconds - dt
    kind = np.where(left > 0.0, state.kind, np.int8(SOUND))
    begins = begins & (kind == SOUND)
    fresh = 1 + np.searchsorted(np.cumsum(odds), fate, side="right").clip(0, 3)
    kind = np.where(begins, fresh, kind).astype(np.int8)
    left = np.where(begins, rng.exponential(_MEAN_SECONDS[np.where(begins, fresh, LOST)]), left)
    drift = state.astray + np.where(kind == DRIFTING, _ASTRAY * usual * (dt / 3600.0), 0.0)
    astray = np.where(begins, np.where(kind == STUCK, shown, 0.0), drift)
    return SensorFaults(kind, left, astray)


def _falsified(state: SensorFaults, shown: Floats, *, usual: Floats, samples: float, rng: Generator) -> Floats:
    spikes = rng.random(shown.shape) < 1.0 - (1.0 - _SPIKES_PER_SECOND) ** samples
    height = _ASTRAY * usual * rng.normal(0.0, 1.0, shown.shape) / math.sqrt(samples)
    shown = np.where(state.kind == LOST, np.nan, shown)
    shown = np.where(state.kind == STUCK, state.astray, shown)
    shown = np.where((state.kind == SPIKING) & spikes, shown + height, shown)
    return np.asarray(np.where(state.kind == DRIFTING, shown + state.astray, shown))
