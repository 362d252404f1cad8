"""What machines share: the air of the hall, a line's compressed air and mains, and its amount of work."""

import math
from datetime import datetime
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from simulator.machines.arrays import Floats

WEATHER: Final = 0
SUPPLY: Final = 1
ORDERS: Final = 2
_SECONDS: Final = np.array([[1.5 * 86_400.0], [480.0], [1.2 * 86_400.0]])
"""Time constants of the three."""


class Surroundings(Struct, frozen=True, eq=False):
    """The surroundings of each line."""

    noise: Floats
    """float64[3, lines]: slow coloured noise of unit variance of WEATHER, SUPPLY and ORDERS."""
    place: Floats
    """float64[lines]: how much warmer than the hall a line stands, in kelvin."""


def new_surroundings(lines: int, rng: Generator) -> Surroundings:
    """Random values in their usual range."""
    return Surroundings(rng.standard_normal((3, lines)), rng.uniform(-1.0, 1.0, lines))


def step(state: Surroundings, *, dt: float, rng: Generator) -> Surroundings:
    """Ornstein-Uhlenbeck, exact for any `dt` in seconds."""
    keep = np.exp(-dt / _SECONDS)
    kick = rng.standard_normal(state.noise.shape)
    return Surroundings(keep * state.noise + np.sqrt(1.0 - keep * keep) * kick, state.place)


def ambient_celsius(mean: float, state: Surroundings, local: datetime) -> Floats:
    """The air around each line's machines, warmest at 16 o'clock and in July; float64[lines]."""
    hour = local.hour + local.minute / 60.0
    daily = 2.0 * math.cos(2.0 * math.pi * (hour - 16.0) / 24.0)
    yearly = 3.0 * math.cos(2.0 * math.pi * (local.timetuple().tm_yday - 200) / 365.25)
    return np.asarray(mean + daily + yearly + 1.2 * state.noise[WEATHER, 0] + state.place)
