import numpy as np
import pytest

from ml.features.statistics import window_statistics


def test_mean_deviation_and_rise_of_each_window() -> None:
    """A straight line climbs by its slope times the window's length; the youngest bucket comes first."""
    means = np.array([[[5.0], [4.0], [3.0], [2.0]]])
    ((short, long),) = window_statistics(means, (2, 4))[0:1, 0]
    assert short.tolist() == pytest.approx([4.5, 0.5, 2.0])
    assert long.tolist() == pytest.approx([3.5, np.std([5, 4, 3, 2]), 4.0])


def test_empty_buckets_are_passed_over() -> None:
    """With fewer than two filled ones there is a mean at most."""
    means = np.array([[[np.nan], [4.0], [np.nan], [2.0]]])
    ((short, long),) = window_statistics(means, (2, 4))[0:1, 0]
    np.testing.assert_array_equal(short, [4.0, np.nan, np.nan])
    assert long.tolist() == pytest.approx([3.0, 1.0, 4.0])
    assert np.isnan(window_statistics(np.full((1, 4, 1), np.nan), (2, 4))).all()


def test_high_values_lose_no_digits() -> None:
    """A meter at a million, moving by a thousandth."""
    means = 1e6 + np.array([0.001, 0.0, 0.001, 0.0])[None, :, None]
    assert window_statistics(means, (4,))[0, 0, 0, 1] == pytest.approx(0.0005, rel=1e-3)
