"""How long machines have left, at each of their readings."""

from typing import Final

import numpy as np

from energytrack.messages import RemainingLife
from ml.arrays import Floats, Integers, Matrix
from ml.models.life import LEVELS, Life

EVERY_MS: Final = 10_000
"""Interval between two looks at the features of a machine that will probably fail: a forest takes milliseconds."""


class RemainingLives:
    """What one model says of each machine; nothing, if failures on record were too few to learn it."""

    def __init__(self, life: Life | None) -> None:
        self._life = life
        self._since: dict[int, int] = {}
        self._kept: dict[int, Floats] = {}

    def update(
        self, device: Integers, at_ms: Integers, features: Matrix, probability: Floats
    ) -> list[RemainingLife | None]:
        """At M readings, each device's in the order of time; None if the probability is unknown (NaN).

        `features` are the model's own, [M, features].
        """
        life = self._life
        if life is None:
            return [None] * len(device)
        known = np.flatnonzero(np.isfinite(probability))
        quantiles = np.full((len(device), len(LEVELS)), np.nan)
        looked = life.needs_features(np.nan_to_num(probability))
        plain = known[~looked[known]]
        quantiles[plain] = life.quantiles(features[plain], probability[plain])
        for row in known[looked[known]].tolist():
            of, at = int(device[row]), int(at_ms[row])
            since = self._since.get(of)
            if since is None or not 0 <= at - since < EVERY_MS:
                self._since[of] = at
                self._kept[of] = life.quantiles(features[row : row + 1], probability[row : row + 1])[0]
            quantiles[row] = self._kept[of]
        low, high = life.interval(quantiles)
        return [
            None if np.isnan(least) else RemainingLife(_hours(least), None if np.isinf(most) else _hours(most))
            for least, most in zip(low.tolist(), high.tolist(), strict=True)
        ]

    def forget(self, devices: Integers) -> None:
        """Forget machines that moved to another consumer."""
        for device in devices.tolist():
            self._since.pop(device, None)
            self._kept.pop(device, None)


def _hours(value: float) -> float:
    return round(value, 2)
