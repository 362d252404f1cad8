"""Power from current, and terms of energy counting; the counting itself is in `energytrack.metering`."""

import math
from typing import Final

from energytrack.machines.ratings import Rating

JOULES_PER_KWH: Final = 3.6e6
IDLE: Final = "idle"
"""The state in which energy is idle energy."""
IDLE_STATES: Final = frozenset({IDLE})
IDLE_BAND: Final = (0.6, 1.3)
"""If the machine reports no state, it is idle up to this multiple of the rated idle current, and runs above it."""


def power_watts(current: float, rating: Rating) -> float:
    """Active power of a three-phase machine, P = sqrt(3) V I pf, from amperes per phase (IEC 60034-1)."""
    return math.sqrt(3.0) * rating.volts * abs(current) * rating.power_factor
