"""Remaining lives at readings: unknown stays unknown, and likely failures are looked at every ten seconds."""

import numpy as np
import pytest

from energytrack.messages import RemainingLife
from ml.arrays import Floats
from ml.models.life import LEVELS, Life, LifeBins
from ml.scoring.remaining import LifeEstimate, RemainingLives

REACH = 100.0
DAY = 24.0
OWN = np.array([1])
"""The model's own feature is the second of the window's."""


class CountingForest:
    """A forest that says the only feature, and counts how often it is asked, and about how many rows."""

    def __init__(self) -> None:
        self.asked = self.calls = 0

    def predict(self, features: Floats) -> Floats:
        assert features.shape[1] == 1
        self.asked += len(features)
        self.calls += 1
        return features[:, 0].astype(np.float64)


def a_life(forest: CountingForest) -> Life:
    by_time = LifeBins(np.array([10.0]), np.array([[5.0] * len(LEVELS), [50.0] * len(LEVELS)]))
    return Life(REACH, LifeBins(np.zeros(0), np.full((1, len(LEVELS)), REACH)), forest, by_time)


def intervals(shown: list[LifeEstimate | None]) -> list[RemainingLife | None]:
    return [None if one is None else one.interval for one in shown]


def test_what_is_unknown_is_not_shown() -> None:
    one, at, features = np.array([0]), np.array([0]), np.zeros((1, 2), dtype=np.float32)
    assert RemainingLives(None, OWN, horizon_hours=DAY).update(one, at, features, np.array([0.9])) == [None]
    lives = RemainingLives(a_life(CountingForest()), OWN, horizon_hours=DAY)
    assert lives.update(one, at, features, np.array([np.nan])) == [None]
    assert intervals(lives.update(one, at, features, np.array([0.1]))) == [RemainingLife(REACH)]


def test_a_likely_failure_is_looked_at_every_ten_seconds() -> None:
    """In between a machine keeps its interval; another machine has its own."""
    forest = CountingForest()
    lives = RemainingLives(a_life(forest), OWN, horizon_hours=DAY)
    device, at = np.array([0, 0, 1, 0]), np.array([0, 5_000, 5_000, 10_000])
    features = np.array([[0.0, 3.0], [0.0, 30.0], [0.0, 30.0], [0.0, 30.0]], dtype=np.float32)
    shown = intervals(lives.update(device, at, features, np.full(4, 0.9)))
    early, late = RemainingLife(2.33, 5.0), RemainingLife(2.33, 50.0)  # a day's .9 allows no later beginning
    assert shown == [early, early, late, late]
    assert (forest.asked, forest.calls) == (3, 1)
    lives.forget(np.array([0]))
    assert intervals(lives.update(device[:1], at[:1], features[:1], np.array([0.9]))) == [early]


def test_rounding_in_the_means_of_a_model_does_not_make_time_run_backwards() -> None:
    """Levels that are equal on paper, each its own mean, may differ in the last digit: it is used all the same."""
    hours = np.linspace(1.0, 19.0, len(LEVELS))
    hours[3:5] = np.nextafter(5.3, 6.0), 5.3
    lives = RemainingLives(Life(REACH, LifeBins(np.zeros(0), hours[None, :])), OWN, horizon_hours=DAY)
    (shown,) = lives.update(np.array([0]), np.array([0]), np.zeros((1, 2), dtype=np.float32), np.array([0.1]))
    assert shown is not None
    assert shown.lifetime.hours[4:6] == (np.nextafter(5.3, 6.0), np.nextafter(5.3, 6.0))


def test_the_distribution_behind_an_interval_agrees_with_the_probability() -> None:
    """It has reached the probability at the horizon; where few failed, what came true by the reach follows."""
    few = LifeBins(np.zeros(0), np.full((1, len(LEVELS)), REACH), np.array([0.02]))
    lives = RemainingLives(Life(REACH, few), OWN, horizon_hours=DAY)
    shown = lives.update(
        np.zeros(2, dtype=np.int64), np.arange(2), np.zeros((2, 2), dtype=np.float32), np.array([0.1, 0.4])
    )
    assert [None if one is None else one.lifetime.chance(DAY) for one in shown] == [0.1, 0.4]
    assert shown[0] is not None
    assert shown[0].lifetime.chance(REACH) == pytest.approx(0.1 + 0.9 * (0.02 - 0.0048) / (1 - 0.0048))


def test_an_interval_follows_its_probability_within_a_range() -> None:
    """One range of long lives serves many probabilities; the likelier the failure, the earlier its beginning."""
    long = LifeBins(np.zeros(0), np.linspace(30.0, REACH, len(LEVELS))[None, :])
    lives = RemainingLives(Life(REACH, long), OWN, horizon_hours=DAY)
    device, at, features = np.arange(4), np.zeros(4, dtype=np.int64), np.zeros((4, 2), dtype=np.float32)
    shown = intervals(lives.update(device, at, features, np.array([0.05, 0.29, 0.45, 1.0])))
    begins = [None if one is None else one.at_least_hours for one in shown]
    assert begins == [33.89, 15.64, 8.96, 0.0]
