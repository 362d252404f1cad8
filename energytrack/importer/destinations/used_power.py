"""The energy of a file as power: what a machine used on average, usually, and at most. Pure."""

from typing import Final, NamedTuple

import numpy as np

from energytrack.importer.content import Energy, Floats
from energytrack.machines.power import JOULES_PER_KWH

STEADY: Final = 3.0
"""Power of a working machine varies by more than this factor: standby, idling, load."""


class UsedPower(NamedTuple):
    """A machine's energy as power, watts, by interval."""

    seconds: Floats
    watts: Floats

    @property
    def mean(self) -> float:
        return float((self.watts * self.seconds).sum() / self.seconds.sum())

    @property
    def usual(self) -> float:
        """Median of the intervals with energy: a single spike does not mean a wrong unit."""
        return float(np.median(self.watts[self.watts > 0.0]))

    @property
    def high(self) -> float:
        """The power that one in twenty of the intervals with energy exceeds."""
        return float(np.quantile(self.watts[self.watts > 0.0], 0.95))

    @property
    def is_steady(self) -> bool:
        """Whether it hardly changes, as when a machine is switched off and its controls are still on."""
        return self.high < STEADY * float(np.quantile(self.watts[self.watts > 0.0], 0.05))

    @property
    def highest(self) -> float:
        return float(self.watts.max())


def used_power(energy: Energy) -> UsedPower | None:
    """The intervals whose energy is known; None if there is no energy in them."""
    seconds = (energy.end_ms - energy.start_ms) / 1000.0
    known = np.isfinite(energy.kwh) & (seconds > 0)
    used = UsedPower(seconds[known], energy.kwh[known] * JOULES_PER_KWH / seconds[known])
    return used if len(used.watts) and used.highest > 0.0 else None
