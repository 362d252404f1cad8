"""Intervals of remaining life: what came true of earlier machines in such a state."""

from math import inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.arrays import Floats, Integers
from ml.models.life import (
    FEW_PER_BIN,
    LEVELS,
    Life,
    LifeBins,
    as_said,
    bins_of,
    consistent,
    course_through,
)

REACH = 100.0
NONE = np.zeros((1, 1), dtype=np.float32)


def lives(rows: int, seed: int) -> tuple[Floats, Floats, Integers, Integers]:
    """Expectation, hours, failure and machine of rows: half have long lives, the others as long as is expected."""
    rng = np.random.default_rng(seed)
    expectation = rng.uniform(0.0, 1.0, rows)
    hours = np.where(expectation < 0.5, expectation * 80 * rng.uniform(0.5, 1.5, rows), REACH)
    event = np.where(hours < REACH, np.arange(rows) % 40, -1)
    return expectation, hours, event, np.arange(rows) % 40


def test_eight_of_ten_lives_end_within_their_interval() -> None:
    """Of rows that it has not seen, and with an end only where lives end."""
    bins = bins_of(*lives(4000, seed=1), per_bin=FEW_PER_BIN)
    assert bins is not None
    life = Life(REACH, bins)
    expectation, hours, *_ = lives(4000, seed=2)
    low, high = life.interval(life.quantiles(np.zeros((4000, 1), dtype=np.float32), 1.0 - expectation))
    closed = np.isfinite(high)
    assert 0.75 <= np.mean((hours >= low)[closed] & (hours <= high)[closed]) <= 0.87
    assert (expectation[closed] < 0.55).all()
    assert (low[expectation > 0.6] == REACH).all()


def test_a_larger_expectation_never_means_less() -> None:
    bins = bins_of(*lives(2000, seed=3), per_bin=FEW_PER_BIN)
    assert bins is not None
    assert len(bins.hours) > 3
    assert (np.diff(bins.hours, axis=0) >= -1e-9).all()
    assert (np.diff(bins.hours, axis=1) >= -1e-9).all()


def test_few_failures_make_no_interval() -> None:
    """Many rows before the same failures are no evidence."""
    expectation, hours, event, device = lives(2000, seed=4)
    few = np.where(event >= 0, event % (FEW_PER_BIN - 1), -1)
    assert bins_of(expectation, hours, few, device, per_bin=FEW_PER_BIN) is None


def test_the_fewer_lives_were_seen_the_wider_the_interval() -> None:
    """Of eight lives, the next may be longer or shorter than all of them: nothing is said of its end."""
    expectation, hours = np.zeros(400), np.tile(np.linspace(10.0, 50.0, 100), 4)
    for failures, closed in ((8, False), (80, True)):
        rows = np.append(np.arange(400) % failures, -1)
        bins = bins_of(
            np.append(expectation, 1.0),
            np.append(hours, REACH),
            rows,
            np.zeros(401, dtype=np.int64),
            per_bin=FEW_PER_BIN,
        )
        assert bins is not None
        low, high = Life(REACH, bins).interval(bins.hours[:1])
        assert bool(np.isfinite(high[0])) == closed
        assert low[0] <= 15.0


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


class HoursForest:
    """A forest that anybody can follow: the hours are the only feature."""

    def predict(self, features: Floats) -> Floats:
        return features[:, 0].astype(np.float64)


def test_features_matter_only_where_a_failure_is_likely() -> None:
    early, late = np.full((1, len(LEVELS)), 5.0), np.full((1, len(LEVELS)), 50.0)
    by_time = LifeBins(np.array([10.0]), np.concatenate([early, late]))
    life = Life(REACH, LifeBins(np.zeros(0), np.full((1, len(LEVELS)), REACH)), HoursForest(), by_time)
    features, probability = np.array([[3.0], [30.0], [3.0]], dtype=np.float32), np.array([0.9, 0.9, 0.1])
    assert life.needs_features(probability).tolist() == [True, True, False]
    assert life.quantiles(features, probability)[:, 0].tolist() == [5.0, 50.0, REACH]


DAY = 24.0


def widened(low: float, high: float, probability: float) -> tuple[float, float]:
    begin, end = consistent(np.array([low]), np.array([high]), np.array([probability]), horizon_hours=DAY)
    return float(begin[0]), float(end[0])


def test_an_interval_begins_no_later_than_its_probability_allows() -> None:
    """At 29 % within a day, one in five has failed after 16 hours: nobody has 43 of them for sure."""
    begins = [widened(43.0, inf, probability)[0] for probability in (0.29, 0.2)]
    assert begins == pytest.approx([DAY * log(0.8) / log(0.71), DAY])
    assert widened(43.0, inf, 0.19) == (43.0, inf)
    assert widened(2.0, inf, 0.5) == (2.0, inf)


def test_a_certain_failure_may_come_at_once() -> None:
    assert widened(3.0, 9.0, 1.0) == (0.0, 9.0)
    assert widened(3.0, 9.0, 0.996) == (0.0, 9.0)
    assert 0.0 < widened(3.0, 9.0, 0.99)[0] < 2.0


def test_an_unlikely_failure_is_not_said_to_come_within_the_horizon() -> None:
    """Nine of ten fail before the end of an interval: not within a day, where it is less likely than that."""
    assert widened(1.0, 9.0, 0.6)[1] == DAY
    assert widened(1.0, 9.0, 0.9)[1] == 9.0
    assert widened(1.0, 30.0, 0.0) == (1.0, 30.0)


@given(st.floats(0.0, 200.0), st.floats(0.0, 200.0) | st.just(inf), st.floats(0.0, 1.0))
def test_an_interval_is_only_ever_widened(begin: float, width: float, probability: float) -> None:
    """So that at least as many machines as before keep to it."""
    low, high = widened(begin, begin + width, probability)
    assert 0.0 <= low <= begin
    assert begin + width <= high


def test_probabilities_are_taken_as_people_read_them() -> None:
    assert as_said(np.array([0.2949, 0.0433, 0.00126, 0.996, 1.0, 0.0])).tolist() == [
        0.29,
        0.043,
        0.0013,
        1.0,
        1.0,
        0.0,
    ]
    assert np.isnan(as_said(np.array([np.nan])))[0]


def test_a_course_reaches_the_probability_at_the_horizon() -> None:
    """What is known of when, before it and after it, is kept."""
    hours, chances = np.array([0.0, 12.0, 36.0, REACH, REACH]), np.array([0.0, 0.1, 0.3, 0.3, 0.6])
    through = course_through(hours, chances, 0.4, horizon_hours=DAY)
    assert through[0].tolist() == [0.0, 12.0, DAY, 36.0, REACH, REACH]
    assert through[1].tolist() == pytest.approx([0.0, 0.2, 0.4, 0.475, 0.475, 0.7])


def test_a_course_without_failures_before_the_horizon_rises_evenly_to_it() -> None:
    flat = np.array([0.0, REACH]), np.array([0.0, 0.0])
    hours, chances = course_through(*flat, 0.3, horizon_hours=DAY)
    assert (hours.tolist(), chances.tolist()) == ([0.0, DAY, REACH], [0.0, 0.3, 0.3])


def test_a_course_on_which_all_fail_before_the_horizon_knows_nothing_of_the_rest() -> None:
    certain = np.array([0.0, 6.0, REACH]), np.array([0.0, 1.0, 1.0])
    hours, chances = course_through(*certain, 0.5, horizon_hours=DAY)
    assert (hours.tolist(), chances.tolist()) == ([0.0, 6.0, DAY, REACH], [0.0, 0.5, 0.5, 0.5])
