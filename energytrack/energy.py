"""Power from current, and the words that energy is counted in; what counts it is `energytrack.metering`."""

import math
from typing import Final

from energytrack.ratings import Rating

JOULES_PER_KWH: Final = 3.6e6
IDLE_STATES: Final = frozenset({"idle"})
IDLE_BAND: Final = (0.6, 1.3)
"""Where nobody tells the state: idle is a current of so many times the rated idle current; above it runs."""


def power_watts(current: float, rating: Rating) -> float:
    """Active power of a three-phase machine, P = sqrt(3) V I pf, from amperes per phase (IEC 60034-1)."""
    return math.sqrt(3.0) * rating.volts * abs(current) * rating.power_factor
