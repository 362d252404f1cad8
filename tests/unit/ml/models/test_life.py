"""Intervals of remaining life: what came true of earlier machines in such a state."""

import numpy as np

from ml.arrays import Floats, Integers
from ml.models.life import FAILURES_PER_BIN, LEVELS, Life, LifeBins, bins_of

REACH = 100.0
NONE = np.zeros((1, 1), dtype=np.float32)


def lives(rows: int, seed: int) -> tuple[Floats, Floats, Integers]:
    """Expectation, hours and failure of rows: half of them have long lives, the others as long as is expected."""
    rng = np.random.default_rng(seed)
    expectation = rng.uniform(0.0, 1.0, rows)
    hours = np.where(expectation < 0.5, expectation * 80 * rng.uniform(0.5, 1.5, rows), REACH)
    event = np.where(hours < REACH, np.arange(rows) % 40, -1)
    return expectation, hours, event


def test_eight_of_ten_lives_end_within_their_interval() -> None:
    """Of rows that it has not seen, and with an end only where lives end."""
    bins = bins_of(*lives(4000, seed=1))
    assert bins is not None
    life = Life(REACH, bins)
    expectation, hours, _ = lives(4000, seed=2)
    low, high = life.interval(life.quantiles(np.zeros((4000, 1), dtype=np.float32), 1.0 - expectation))
    closed = np.isfinite(high)
    assert 0.75 <= np.mean((hours >= low)[closed] & (hours <= high)[closed]) <= 0.85
    assert (expectation[closed] < 0.55).all()
    assert (low[expectation > 0.6] == REACH).all()


def test_a_larger_expectation_never_means_less() -> None:
    bins = bins_of(*lives(2000, seed=3))
    assert bins is not None
    assert len(bins.hours) > 3
    assert (np.diff(bins.hours, axis=0) >= -1e-9).all()
    assert (np.diff(bins.hours, axis=1) >= -1e-9).all()


def test_few_failures_make_no_interval() -> None:
    """Many rows before the same failures are no evidence."""
    expectation, hours, event = lives(2000, seed=4)
    few = np.where(event >= 0, event % (FAILURES_PER_BIN - 1), -1)
    assert bins_of(expectation, hours, few) is None


def test_an_interval_without_an_end_begins_later() -> None:
    """A single bound that eight of ten keep to, instead of two."""
    rising = np.linspace(10.0, 120.0, len(LEVELS))[None, :].clip(max=REACH)
    life = Life(REACH, LifeBins(np.zeros(0), rising))
    low, high = life.interval(life.quantiles(NONE, np.array([0.2])))
    assert high.tolist() == [np.inf]
    assert low[0] == rising[0, LEVELS.index(0.2)]


def test_an_end_at_the_reach_is_no_end() -> None:
    """Means of what is cut off at the reach are a rounding error below it."""
    level = np.full((1, len(LEVELS)), np.nextafter(REACH, 0.0))
    life = Life(REACH, LifeBins(np.zeros(0), level))
    _, high = life.interval(life.quantiles(NONE, np.array([0.2])))
    assert high.tolist() == [np.inf]


class Clock:
    """A forest that anybody can follow: the hours are the only feature."""

    def predict(self, features: Floats) -> Floats:
        return features[:, 0].astype(np.float64)


def test_features_matter_only_where_a_failure_is_likely() -> None:
    early, late = np.full((1, len(LEVELS)), 5.0), np.full((1, len(LEVELS)), 50.0)
    by_time = LifeBins(np.array([10.0]), np.concatenate([early, late]))
    life = Life(REACH, LifeBins(np.zeros(0), np.full((1, len(LEVELS)), REACH)), Clock(), by_time)
    features, probability = np.array([[3.0], [30.0], [3.0]], dtype=np.float32), np.array([0.9, 0.9, 0.1])
    assert life.needs_features(probability).tolist() == [True, True, False]
    assert life.quantiles(features, probability)[:, 0].tolist() == [5.0, 50.0, REACH]
