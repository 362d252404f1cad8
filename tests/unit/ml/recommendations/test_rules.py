from typing import Any

import pytest

from energytrack.catalogue import CODES
from ml.recommendations.rules import (
    ABNORMAL,
    COOLING,
    HOT,
    INSPECT,
    LEAKS,
    LOW,
    MAINTENANCE,
    SENSOR,
    SHUTDOWN,
    TOOL,
    recommendation_rules,
)
from ml.recommendations.sensors import LOST_MINUTES, REPEATED_MINUTES, STUCK_MINUTES
from ml.recommendations.tracker import RecommendationTracker
from testkit.builders.recommendations import codes

NAN = float("nan")


def opened(code: str, symptom: str, values: list[Any], minutes: list[float], **columns: list[Any]) -> list[bool]:
    """Whether a recommendation is open while a symptom takes these values."""
    return [
        code in each
        for each in codes(RecommendationTracker(recommendation_rules()), minutes, **{symptom: values}, **columns)
    ]


def test_the_two_sentences_of_the_mission() -> None:
    """Word for word."""
    texts = {advice.code: advice.text for advice in recommendation_rules()}
    assert texts[INSPECT] == "High failure risk: Inspect machine within 24 hours."
    assert texts[SHUTDOWN] == "High idle energy usage: Consider scheduled shutdown."


def test_each_recommendation_of_the_catalogue_has_a_rule() -> None:
    """In the same order, and each text is a sentence."""
    entries = recommendation_rules()
    assert tuple(advice.code for advice in entries) == CODES
    for advice in entries:
        assert advice.text.endswith(".")
        assert ": " in advice.text
        assert advice.hysteresis.clear_at <= advice.hysteresis.raise_at


def test_risk_opens_an_inspection_and_closes_it_well_below_the_threshold() -> None:
    """The state comes with each reading, and changes with hysteresis."""
    found = codes(
        RecommendationTracker(recommendation_rules()),
        minute=[0, 1, 2, 3, 4],
        risk_to_threshold_ratio=[1.0, 1.2, 0.8, 0.62, 0.58],
    )
    assert found == [[], [INSPECT], [INSPECT], [INSPECT], []]


def test_idling_opens_a_shutdown_until_there_is_work() -> None:
    """After a quarter of an hour, unless set otherwise."""
    tracker = RecommendationTracker(recommendation_rules(idle_minutes=15))
    assert codes(tracker, minute=[14, 15, 16, 17], idle_minutes=[14, 15, 16, 0]) == [[], [SHUTDOWN], [SHUTDOWN], []]


def test_both_can_be_open() -> None:
    """In the order of the catalogue."""
    found = codes(
        RecommendationTracker(recommendation_rules()),
        minute=[20, 21],
        risk_to_threshold_ratio=[1.8, 1.8],
        idle_minutes=[20, 21],
    )
    assert found[-1] == [INSPECT, SHUTDOWN]


@pytest.mark.parametrize("risk", [NAN, 0.0])
def test_a_machine_that_failed_or_calmed_down_has_no_open_risk(risk: float) -> None:
    """What is not known closes too."""
    tracker = RecommendationTracker(recommendation_rules())
    codes(tracker, minute=[0, 1], risk_to_threshold_ratio=[1.8, 1.8])
    assert codes(tracker, minute=[2], risk_to_threshold_ratio=[risk]) == [[]]


@pytest.mark.parametrize(
    ("code", "symptom", "calm", "sick"),
    [
        (COOLING, "temperature_shift", 0.4 * HOT, HOT),
        (COOLING, "over_limit", -3.0, 0.5),
        (COOLING, "cooling_warnings", 0.0, 2.0),
        (LEAKS, "pressure_shift", -0.4 * LOW, -LOW),
        (LEAKS, "under_minimum", -0.03, 0.01),
        (LEAKS, "leak_warnings", 0.0, 2.0),
        (SENSOR, "lost_minutes", 0.0, LOST_MINUTES),
        (SENSOR, "stuck_minutes", 0.0, STUCK_MINUTES),
        (SENSOR, "repeated_minutes", 0.0, REPEATED_MINUTES),
        (SENSOR, "sensor_warnings", 0.0, 2.0),
        (TOOL, "tool_warnings", 0.0, 2.0),
        (ABNORMAL, "abnormal", 0.4, 1.1),
        (ABNORMAL, "novelty_to_threshold_ratio", 0.4, 1.1),
    ],
)
def test_each_symptom_opens_its_recommendation_and_closes_it(code: str, symptom: str, calm: float, sick: float) -> None:
    """Once it has lasted, and not before it is well over; what lies between changes nothing."""
    middle = 0.3 * calm + 0.7 * sick
    found = opened(code, symptom, [calm, middle, sick, sick, middle, calm], [0, 1, 2, 12, 13, 14])
    assert found == [False, False, found[2], True, True, False]


@pytest.mark.parametrize("symptom", ["cooling_warnings", "leak_warnings", "sensor_warnings", "tool_warnings"])
def test_one_warning_may_mean_nothing(symptom: str) -> None:
    assert codes(RecommendationTracker(recommendation_rules()), minute=[0, 60], **{symptom: [1.0, 1.0]}) == [[], []]


@pytest.mark.parametrize(
    ("code", "symptom", "sick"),
    [(COOLING, "temperature_shift", 9.0), (LEAKS, "pressure_shift", -9.0), (ABNORMAL, "abnormal", 3.0)],
)
def test_a_machine_at_rest_opens_and_closes_nothing(code: str, symptom: str, sick: float) -> None:
    """What was open before a break is open after it, and is not opened twice."""
    values = [sick, sick, sick, 0.0, 0.0]
    settled = [False, True, True, False, True]
    assert opened(code, symptom, values, [0, 10, 25, 30, 40], settled=settled) == [False, False, True, True, False]


def test_a_machine_that_is_down_closes_everything() -> None:
    """People are at it already."""
    sick = {
        "temperature_shift": [9.0] * 3,
        "pressure_shift": [-9.0] * 3,
        "abnormal": [3.0] * 3,
        "lost_minutes": [9.0] * 3,
    }
    found = codes(
        RecommendationTracker(recommendation_rules()),
        minute=[0, 15, 16],
        down=[False, False, True],
        tool_warnings=[5.0] * 3,
        **sick,
    )
    assert found[1:] == [[COOLING, LEAKS, SENSOR, TOOL, ABNORMAL], []]


def test_a_moderate_risk_that_stays_asks_for_a_maintenance_window() -> None:
    """Two hours on end; an hour is not enough, and a dip begins the wait again."""
    hours = [0, 1, 2, 3, 3.5, 5.5]
    minutes = [60.0 * hour for hour in hours]
    assert opened(MAINTENANCE, "risk_to_threshold_ratio", [0.6, 0.6, 0.2, 0.6, 0.6, 0.6], minutes) == [False] * 5 + [
        True
    ]


def test_a_recommendation_rests_after_it_was_closed() -> None:
    """Temperature that swings around its limit opens one recommendation, not one for each swing."""
    minutes = [0.0, 11, 13, 14, 25, 45, 56]
    values = [0.5, 0.5, -5.0, 0.5, 0.5, 0.5, 0.5]
    assert opened(COOLING, "over_limit", values, minutes) == [False, True, False, False, False, False, True]
