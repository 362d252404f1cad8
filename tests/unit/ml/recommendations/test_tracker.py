"""Which recommendations are open, machine by machine."""

import numpy as np

from ml.recommendations.rules import (
    INSPECT,
    recommendation_rules,
)
from ml.recommendations.tracker import RecommendationTracker
from testkit.builders.recommendations import codes


def test_machines_keep_their_own_states_across_batches() -> None:
    """One machine's alarm says nothing of another."""
    tracker = RecommendationTracker(recommendation_rules())
    codes(tracker, device=[0, 0], minute=[0, 1], risk_to_threshold_ratio=[1.8, 1.8])
    assert codes(tracker, device=[1, 0, 2], minute=[2, 2, 2], risk_to_threshold_ratio=[0.2, 0.8, 0.8]) == [
        [],
        [INSPECT],
        [],
    ]


def test_a_machine_that_went_elsewhere_is_forgotten() -> None:
    """Its row may soon be another machine's."""
    tracker = RecommendationTracker(recommendation_rules())
    codes(tracker, minute=[0, 1], risk_to_threshold_ratio=[1.8, 1.8])
    tracker.forget(np.array([0]))
    assert codes(tracker, minute=[2], risk_to_threshold_ratio=[0.8]) == [[]]


def test_an_open_recommendation_is_taken_over_from_where_the_machine_was_watched_before() -> None:
    """It was confirmed there; codes of another version of the catalogue are left out."""
    tracker = RecommendationTracker(recommendation_rules())
    tracker.reopen(0, [INSPECT, "of another version"], 0)
    assert codes(tracker, minute=[2, 3], risk_to_threshold_ratio=[0.8, 0.5]) == [[INSPECT], []]


def test_a_machine_whose_clock_was_set_back_is_not_at_rest_until_its_old_time() -> None:
    """It was closed at minute 60 of a wrong clock, and would rest ten minutes from then; it is minute 0 now."""
    tracker = RecommendationTracker(recommendation_rules())
    codes(tracker, minute=[58, 59, 60], risk_to_threshold_ratio=[1.8, 1.8, 0.1])
    tracker.set_back(np.array([0, 7]), np.array([0, 0]))
    assert codes(tracker, minute=[9, 11, 12], risk_to_threshold_ratio=[1.8, 1.8, 1.8]) == [[], [], [INSPECT]]
