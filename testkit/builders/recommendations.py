"""Situations of machines for tests of recommendations, and the recommendations that are open in them."""

from typing import Any

import numpy as np

from ml.recommendations.sensors import SensorTimes
from ml.recommendations.situation import Situation
from ml.recommendations.tracker import RecommendationTracker

MINUTE = 60_000
CALM: dict[str, Any] = {
    "device": 0,
    "at_ms": 0,
    "down": False,
    "settled": True,
    "risk_to_threshold_ratio": 0.0,
    "novelty_to_threshold_ratio": np.nan,
    "stop_saving_ratio": np.nan,
    "idle_minutes": 0.0,
    "lost_minutes": 0.0,
    "stuck_minutes": 0.0,
    "repeated_minutes": 0.0,
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
"""A machine at work without any recommendation."""

NO_SENSORS = SensorTimes((), np.zeros((0, 0)), np.zeros((0, 0)))


def codes(tracker: RecommendationTracker, minute: list[float], **columns: list[Any]) -> list[list[str]]:
    """The open recommendations at each reading, by code; columns that are not given are those of a calm machine."""
    given_columns = {"at_ms": [round(m * MINUTE) for m in minute], **columns}
    filled = {name: np.array(given_columns.get(name, [calm] * len(minute))) for name, calm in CALM.items()}
    return [
        [recommendation.code for recommendation in each]
        for each in tracker.update(Situation(sensors=NO_SENSORS, **filled))
    ]
