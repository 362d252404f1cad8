"""Which recommendations are open, machine by machine."""

from typing import Any

import numpy as np

from ml.recommendations.rules import (
    INSPECT,
    recommendation_rules,
)
from ml.recommendations.situation import Situation
from ml.recommendations.tracker import RecommendationTracker

MINUTE = 60_000
NAN = float("nan")
CALM: dict[str, Any] = {
    "device": 0,
    "at_ms": 0,
    "down": False,
    "settled": True,
    "risk_to_threshold_ratio": 0.0,
    "idle_minutes": 0.0,
    "lost_minutes": 0.0,
    "stuck_minutes": 0.0,
    "temperature_shift": 0.0,
    "pressure_shift": 0.0,
    "over_limit": -20.0,
    "under_minimum": -0.2,
    "abnormal": 0.3,
    "cooling_warnings": 0.0,
    "leak_warnings": 0.0,
    "sensor_warnings": 0.0,
    "tool_warnings": 0.0,
}
"""A machine at work of which nothing is to be said."""


def codes(tracker: RecommendationTracker, minute: list[float], **columns: list[Any]) -> list[list[str]]:
    """What is open at each reading, by code; columns that are not given are those of a calm machine."""
    given = {"at_ms": [round(m * MINUTE) for m in minute], **columns}
    filled = {name: np.array(given.get(name, [calm] * len(minute))) for name, calm in CALM.items()}
    return [[recommendation.code for recommendation in each] for each in tracker.update(Situation(**filled))]


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
