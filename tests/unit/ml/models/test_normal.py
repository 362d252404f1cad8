"""What is normal, learned from sound rows alone."""

import numpy as np
import pytest

from ml.arrays import Matrix
from ml.errors import TooFewExamples
from ml.models.normal import Normal, normal_of, watched

NAMES = ("temperature", "temperature_shift", "pressure_shift", "largest_shift", "age_years")
COLUMNS = watched(NAMES)


def rows(count: int, *, shift: float = 1.0) -> Matrix:
    """float32[count, 5], with deviations of so many usual ones."""
    features: Matrix = (np.random.default_rng(0).normal(size=(count, 5)) * shift).astype(np.float32)
    return features


def test_deviations_are_watched() -> None:
    """From the initial state where it is known; levels, ages and codes are no deviations."""
    assert COLUMNS.tolist() == [1, 2]
    assert watched(("flow_shift", "flow_departure_1h")).tolist() == [1]
    assert watched(("temperature",)).tolist() == []


def test_one_sound_row_in_fifty_reaches_a_half() -> None:
    normal = normal_of(rows(5000), COLUMNS)
    assert (normal.scores(rows(5000)) >= 0.5).mean() == pytest.approx(0.02, abs=0.003)
    assert normal.scores(rows(200, shift=20.0)).mean() > 0.95


def test_what_is_unknown_is_normal() -> None:
    """A machine on its first day is not alarming because nothing is known of it."""
    normal = normal_of(rows(500), COLUMNS)
    unknown = np.full((1, 5), np.nan, dtype=np.float32)
    assert normal.scores(unknown).tolist() == [normal.base]
    assert normal.base < 0.2


def test_a_score_is_the_sum_of_its_parts() -> None:
    """And only watched columns contribute."""
    normal, some = normal_of(rows(500), COLUMNS), rows(20, shift=5.0)
    parts = normal.contributions(some)
    np.testing.assert_allclose(parts.sum(axis=1) + normal.base, normal.predict_proba(some)[:, 1])
    assert (parts[:, [0, 3, 4]] == 0.0).all()


def test_too_little_is_not_normal() -> None:
    with pytest.raises(TooFewExamples, match="normal operation"):
        normal_of(rows(10), COLUMNS)
    with pytest.raises(TooFewExamples):
        normal_of(rows(500), watched(("temperature",)))


def test_signals_that_never_move_are_normal() -> None:
    """Without any spread, there is still a scale."""
    flat = normal_of(np.zeros((200, 5), dtype=np.float32), COLUMNS)
    assert isinstance(flat, Normal)
    assert np.isfinite(flat.scores(rows(5))).all()
