"""Remaining lives of machines at each of their readings."""

from math import isinf
from typing import Final, NamedTuple

import numpy as np

from energytrack.messages import RemainingLife
from energytrack.stopping.choice import Lifetime
from ml.arrays import Floats, Integers, Matrix
from ml.models.forest_votes import expected_values
from ml.models.life import Life, LifeBins

EVERY_MS: Final = 10_000
"""Interval between two looks at the features of a machine at risk: a forest takes milliseconds."""


class LifeEstimate(NamedTuple):
    """The remaining life of a machine: the interval, and the distribution behind it."""

    interval: RemainingLife
    lifetime: Lifetime


class RemainingLives:
    """Estimates remaining lives by one model; none, if the failures on record were too few to learn them."""

    def __init__(self, life: Life | None, columns: Integers) -> None:
        """`columns` are the window's features that the model uses."""
        self._life = life
        self._columns = columns
        self._by_risk = _life_by_bin(life, life.by_risk) if life else []
        self._by_time = _life_by_bin(life, life.by_time) if life and life.by_time else []
        self._since: dict[int, int] = {}
        self._kept: dict[int, LifeEstimate] = {}

    def update(
        self, device: Integers, at_ms: Integers, features: Matrix, probability: Floats
    ) -> list[LifeEstimate | None]:
        """The estimates at M readings, each device's in order of time; None if the probability is unknown (NaN).

        `features` are the window's, [M, features].
        """
        life = self._life
        if life is None:
            return [None] * len(device)
        lives: list[LifeEstimate | None] = [
            self._by_risk[place] for place in life.by_risk.places(1.0 - probability).tolist()
        ]
        for row in np.flatnonzero(np.isnan(probability)).tolist():
            lives[row] = None
        likely = np.flatnonzero(life.needs_features(probability)).tolist()
        due = [row for row in likely if self._is_due(int(device[row]), int(at_ms[row]))]
        looked = self._looked(life, due, features)
        for row in likely:
            device_row = int(device[row])
            if row in looked:
                self._kept[device_row] = looked[row]
            lives[row] = self._kept[device_row]
        return lives

    def _is_due(self, device: int, at_ms: int) -> bool:
        since = self._since.get(device)
        if since is not None and 0 <= at_ms - since < EVERY_MS:
            return False
        self._since[device] = at_ms
        return True

    def _looked(self, life: Life, rows: list[int], features: Matrix) -> dict[int, LifeEstimate]:
        """The estimates by row. A forest takes hardly longer for all of them than for one."""
        if not rows or life.by_time is None:
            return {}
        expected = expected_values(life.when, features[rows][:, self._columns])
        return {row: self._by_time[place] for row, place in zip(rows, life.by_time.places(expected), strict=True)}

    def forget(self, devices: Integers) -> None:
        """Forget machines that moved to another consumer."""
        for device in devices.tolist():
            self._since.pop(device, None)
            self._kept.pop(device, None)


def _life_by_bin(life: Life, bins: LifeBins) -> list[LifeEstimate]:
    """The estimate for each range of the probability: there are no other intervals."""
    low, high = life.interval(bins.hours)
    hours, chances = life.courses(bins)
    return [
        LifeEstimate(
            RemainingLife(round(least, 2), None if isinf(most) else round(most, 2)), Lifetime(tuple(of), tuple(by))
        )
        for least, most, of, by in zip(low.tolist(), high.tolist(), hours.tolist(), chances.tolist(), strict=True)
    ]
