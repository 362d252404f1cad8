"""Remaining lives of machines at each of their readings."""

from math import isinf, isnan
from typing import Final, NamedTuple

import numpy as np

from energytrack.messages import RemainingLife
from energytrack.stopping.choice import Lifetime
from ml.arrays import Floats, Integers, Matrix
from ml.models.forest_votes import expected_values
from ml.models.life import Life, LifeBins, as_said, consistent, course_through

EVERY_MS: Final = 10_000
"""Interval between two looks at the features of a machine at risk: a forest takes milliseconds."""


class LifeEstimate(NamedTuple):
    """The remaining life of a machine: the interval, and the distribution behind it."""

    interval: RemainingLife
    lifetime: Lifetime


class RemainingLives:
    """Estimates remaining lives by one model; none, if the failures on record were too few to learn them."""

    def __init__(self, life: Life | None, columns: Integers, *, horizon_hours: float) -> None:
        """`columns` are the window's features that the model uses; its probabilities are for the horizon."""
        self._life = life
        self._columns = columns
        self._by_risk = _RangeEstimates(life, life.by_risk, horizon_hours) if life else None
        self._by_time = _RangeEstimates(life, life.by_time, horizon_hours) if life and life.by_time else None
        self._since: dict[int, int] = {}
        self._range: dict[int, int] = {}

    def update(
        self, device: Integers, at_ms: Integers, features: Matrix, probability: Floats
    ) -> list[LifeEstimate | None]:
        """The estimates at M readings, each device's in order of time; None if the probability is unknown (NaN).

        `features` are the window's, [M, features].
        """
        life, by_risk, by_time = self._life, self._by_risk, self._by_time
        if life is None or by_risk is None:
            return [None] * len(device)
        said = as_said(probability).tolist()
        lives: list[LifeEstimate | None] = [
            None if isnan(share) else by_risk.at(place, share)
            for place, share in zip(life.by_risk.places(1.0 - probability).tolist(), said, strict=True)
        ]
        if by_time is None:
            return lives
        likely = np.flatnonzero(life.needs_features(probability)).tolist()
        due = [row for row in likely if self._is_due(int(device[row]), int(at_ms[row]))]
        looked = self._looked(life, due, features)
        for row in likely:
            device_row = int(device[row])
            if row in looked:
                self._range[device_row] = looked[row]
            lives[row] = by_time.at(self._range[device_row], said[row])
        return lives

    def _is_due(self, device: int, at_ms: int) -> bool:
        since = self._since.get(device)
        if since is not None and 0 <= at_ms - since < EVERY_MS:
            return False
        self._since[device] = at_ms
        return True

    def _looked(self, life: Life, rows: list[int], features: Matrix) -> dict[int, int]:
        """The range of each row's expectation. A forest takes hardly longer for all of them than for one."""
        if not rows or life.by_time is None:
            return {}
        expected = expected_values(life.when, features[rows][:, self._columns])
        return dict(zip(rows, life.by_time.places(expected).tolist(), strict=True))

    def forget(self, devices: Integers) -> None:
        """Forget machines that moved to another consumer."""
        for device in devices.tolist():
            self._since.pop(device, None)
            self._range.pop(device, None)


class _RangeEstimates:
    """The estimates of one set of ranges, by range and probability: few differ, so they are kept."""

    def __init__(self, life: Life, bins: LifeBins, horizon_hours: float) -> None:
        self._low, self._high = life.interval(bins.hours)
        self._hours, self._chances = life.courses(bins)
        self._horizon_hours = horizon_hours
        self._kept: dict[tuple[int, float], LifeEstimate] = {}

    def at(self, place: int, probability: float) -> LifeEstimate:
        """The estimate in a range, for a probability as people read it."""
        kept = self._kept.get((place, probability))
        if kept is None:
            kept = self._kept[place, probability] = self._estimate(place, probability)
        return kept

    def _estimate(self, place: int, probability: float) -> LifeEstimate:
        low, high = consistent(
            self._low[[place]], self._high[[place]], np.array([probability]), horizon_hours=self._horizon_hours
        )
        hours, chances = course_through(
            self._hours[place], self._chances[place], probability, horizon_hours=self._horizon_hours
        )
        least, most = float(low[0]), float(high[0])
        return LifeEstimate(
            RemainingLife(round(least, 2), None if isinf(most) else round(most, 2)),
            Lifetime(tuple(hours.tolist()), tuple(chances.tolist())),
        )
