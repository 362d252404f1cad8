"""How often the likeliest modes were right."""

import numpy as np

from ml.features.spec import OTHER
from ml.measures.failure_modes import PredictedModes, measure_modes


def test_a_failure_counts_once_by_the_mean_of_what_was_predicted() -> None:
    """The first is named, the second is the second likeliest, the third is of an unknown kind."""
    shares = np.array([[0.9, 0.1, 0.0], [0.4, 0.5, 0.1], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    event = np.array([0, 0, 1, 2])
    predictions = PredictedModes(
        ("bearing", "leak", OTHER), shares, event, ("bearing", "leak", "odd"), commonest="leak"
    )
    measured = measure_modes([predictions])
    assert measured is not None
    assert (measured.failures, measured.top_1, measured.top_3, measured.commonest) == (3, 2, 3, 1)


def test_a_mode_that_cannot_be_named_is_wrong() -> None:
    predictions = PredictedModes(("bearing", "leak"), np.array([[0.5, 0.5]]), np.array([0]), ("odd",), commonest="leak")
    measured = measure_modes([predictions])
    assert measured is not None
    assert (measured.top_1, measured.top_3) == (0, 0)


def test_without_failures_there_is_nothing_to_measure() -> None:
    assert measure_modes([]) is None
