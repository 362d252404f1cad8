"""Drift: what has changed is seen, and what chance does is not taken for a change."""

import numpy as np
import pytest

from ml.measures.drift import CHANGED, bins, measure, psi, reference

NAMES = ("temperature", "code_hot_24h", "age_years", "hours_since_code")


def rows(seed: int, *, count: int = 4000, warmer: float = 0.0) -> np.ndarray:
    """Features of machines that are all alike."""
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(50 + warmer, 1, count), *(rng.exponential(1, count) for _ in range(3))]).astype(
        np.float32
    )


def test_the_same_distribution_has_an_index_of_about_nothing() -> None:
    """Two samples of one thing."""
    then = bins(np.random.default_rng(1).normal(size=5000))
    assert psi(then, np.random.default_rng(2).normal(size=5000)) < 0.02


def test_a_shift_by_one_deviation_is_a_change() -> None:
    """The usual threshold of practice."""
    then = bins(np.random.default_rng(1).normal(size=5000))
    assert psi(then, np.random.default_rng(2).normal(1.0, size=5000)) > CHANGED


def test_the_index_of_two_bins_is_the_one_of_the_textbook() -> None:
    """(0.9 - 0.5) ln(0.9 / 0.5) + (0.1 - 0.5) ln(0.1 / 0.5)."""
    then = bins(np.repeat([0.0, 1.0], 500))
    now = np.repeat([0.0, 1.0], [900, 100])
    assert psi(then, now) == pytest.approx(0.4 * np.log(1.8) - 0.4 * np.log(0.2))


def test_a_sensor_that_is_lost_is_a_change() -> None:
    """Not known is a bin of its own."""
    then = bins(np.random.default_rng(1).normal(size=1000))
    assert psi(then, np.full(1000, np.nan)) > 1.0


def test_a_feature_that_never_was_known_and_now_is_has_changed() -> None:
    """And its reference takes no room."""
    then = bins(np.full(100, np.nan))
    assert then.edges == ()
    assert psi(then, np.full(100, np.nan)) == 0.0
    assert psi(then, np.zeros(1000)) > 1.0


def test_a_few_machines_differ_by_chance() -> None:
    """Five machines with a level each, of a plant of hundreds: no drift, though the plain index is large."""
    rng = np.random.default_rng(3)
    then = bins(rng.normal(size=300).repeat(10))
    now = rng.normal(size=5).repeat(500)
    assert psi(then, now) > CHANGED
    assert psi(then, now, chance=1 / 5 + 1 / 300) < psi(then, now) - 1.0


def test_what_machines_are_by_nature_is_passed_over() -> None:
    """Age and hours since something happened differ between any two plants."""
    then = reference(rows(1), NAMES, np.random.default_rng(1).random(500), machines=100)
    assert set(then.features) == {"temperature"}


def test_drift_names_the_features_that_moved_the_furthest() -> None:
    """And says which share of them moved."""
    then = reference(rows(1), NAMES, np.random.default_rng(1).random(5000), machines=100)
    same = measure(then, rows(2), NAMES, np.random.default_rng(2).random(5000), machines=100)
    assert (same.share, same.probability) == (0.0, 0.0)
    moved = measure(then, rows(2, warmer=3.0), NAMES, np.random.default_rng(2).random(5000) / 4, machines=100)
    assert moved.share == 1.0
    assert moved.worst(1)[0][0] == "temperature"
    assert moved.probability > CHANGED


def test_nothing_to_look_at_is_no_drift() -> None:
    """A plant at rest has not changed."""
    then = reference(rows(1), NAMES, np.random.default_rng(1).random(5000), machines=100)
    assert measure(then, rows(1)[:0], NAMES, np.zeros(0), machines=0).share == 0.0
