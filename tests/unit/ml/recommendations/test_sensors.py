"""Which sensor a recommendation names, and how."""

import numpy as np
import pytest

from energytrack.messages import Recommendation
from ml.recommendations.sensors import LOST_MINUTES, REPEATED_MINUTES, STUCK_MINUTES, SensorTimes, naming

GENERAL = Recommendation("check_sensor", "Check the sensors.")
SIGNALS = ("temperature", "pressure", "current")
NEVER = (0.0, 0.0, 0.0)


def text(lost: tuple[float, ...] = NEVER, stuck: tuple[float, ...] = NEVER, repeated: float = 0.0) -> str:
    """The recommendation's sentence for one reading."""
    times = SensorTimes(SIGNALS, np.array([lost]), np.array([stuck]))
    made = naming(GENERAL, times, 0, repeated_minutes=repeated)
    assert made.code == GENERAL.code
    return made.text


def test_nothing_to_name_leaves_the_general_sentence() -> None:
    assert text() == GENERAL.text


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ((LOST_MINUTES, 0.0, 0.0), "The sensor temperature is lost"),
        ((0.0, LOST_MINUTES, LOST_MINUTES), "The sensors pressure and current are lost"),
        ((LOST_MINUTES,) * 3, "The sensors temperature, pressure and current are lost"),
    ],
)
def test_lost_sensors_are_named(lost: tuple[float, ...], said: str) -> None:
    assert text(lost).startswith(said)


def test_a_sensor_is_named_from_half_of_the_time_on() -> None:
    """As long as the recommendation stays open, which closes below half of it."""
    assert text((LOST_MINUTES / 2, 0.0, 0.0)).startswith("The sensor temperature")
    assert text((LOST_MINUTES / 2 - 0.01, 0.0, 0.0)) == GENERAL.text
    assert text(stuck=(0.0, STUCK_MINUTES / 2, 0.0)).startswith("The sensor pressure always shows the same value")


def test_a_gateway_that_repeats_its_values_is_not_three_stuck_sensors() -> None:
    assert "gateway" in text(stuck=(STUCK_MINUTES,) * 3, repeated=REPEATED_MINUTES)


def test_a_lost_sensor_comes_before_everything_else() -> None:
    assert "is lost" in text((0.0, 0.0, 9.0), (STUCK_MINUTES,) * 3, REPEATED_MINUTES)


def test_of_many_sensors_eight_are_named() -> None:
    many = tuple(f"signal_{number}" for number in range(20))
    times = SensorTimes(many, np.full((1, 20), LOST_MINUTES), np.zeros((1, 20)))
    assert naming(GENERAL, times, 0, repeated_minutes=0.0).text.count("signal_") == 8
