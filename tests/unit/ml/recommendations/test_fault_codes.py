import numpy as np
import pytest
from pydantic import ValidationError

from ml.recommendations.fault_codes import FaultCodeWarnings, recommendation_for_code
from ml.settings import MlSettings
from testkit.builders.messages import NOW, an_event
from testkit.builders.recordings import START

HOUR_MS = 3_600_000
NOW_MS = int(NOW.timestamp() * 1000)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("tool_life_exceeded", "change_tool"),
        ("Cutting-Force High", "change_tool"),
        ("coolant_flow_low", "check_cooling"),
        ("motor_temperature_high", "check_cooling"),
        ("air_consumption_high", "check_leaks"),
        ("OIL LEVEL LOW", "check_leaks"),
        ("encoder_lost", "check_sensor"),
        ("earth_leakage", None),
        ("door_interlock", None),
        ("W-210", None),
    ],
)
def test_words_in_a_code_speak_for_a_recommendation(code: str, advice: str | None) -> None:
    """Whatever a maker's way of writing them; a bare number speaks for none."""
    assert recommendation_for_code(code) == advice


def test_a_plant_tells_what_its_own_codes_mean() -> None:
    """Numbers have no words in them; and a plant knows better than the words."""
    codes = MlSettings(code_hints="W-210=change_tool, door_tool=check_sensor").fault_codes()
    assert recommendation_for_code("W-210", codes) == "change_tool"
    assert recommendation_for_code("door_tool", codes) == "check_sensor"
    assert recommendation_for_code("coolant_flow_low", codes) == "check_cooling"


@pytest.mark.parametrize("hints", ["W-210", "W-210=inspect_24h", "=change_tool", "W-210=change_tool;W-3=check_leaks"])
def test_hints_that_are_none_are_refused(hints: str) -> None:
    """Before anything starts."""
    with pytest.raises(ValidationError, match="expected code=recommendation"):
        MlSettings(code_hints=hints)


def counts(hints: FaultCodeWarnings, hours: float, kind: str = "change_tool") -> float:
    at_ms = np.array([NOW_MS + round(hours * HOUR_MS)])
    return float(hints.counts(np.array([0]), at_ms)[kind][0])


def test_warnings_count_for_a_day() -> None:
    """The same event twice counts once."""
    hints = FaultCodeWarnings(1)
    for _ in range(2):
        hints.note(0, an_event("fault_code", code="tool_life_exceeded"))
    assert [counts(hints, h) for h in (0, 23, 25)] == [1, 1, 0]
    assert counts(hints, 0, "check_leaks") == 0


def test_maintenance_settles_the_warnings_before_it() -> None:
    """Whatever was replaced: people have looked at the machine."""
    hints = FaultCodeWarnings(1)
    hints.note(0, an_event("fault_code", code="tool_life_exceeded", timestamp=START))
    hints.note(0, an_event("maintenance_done", component="tool", timestamp=NOW))
    assert counts(hints, 0.5) == 0
    hints.clear(np.array([0]))
    hints.note(0, an_event("fault_code", code="tool_life_exceeded", timestamp=NOW))
    assert counts(hints, 0.5) == 1
