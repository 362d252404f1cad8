"""Settings of the simulator."""

import pytest

from energytrack.errors import InvalidSettings
from simulator.settings import PROFILES, SimulatorSettings


def test_a_profile_sets_the_pace_of_wear() -> None:
    """As in life, or within minutes."""
    plant, demo = (SimulatorSettings.from_env({"ENERGYTRACK_SIMULATOR_PROFILE": name}) for name in ("plant", "demo"))
    assert plant.rates() == PROFILES["plant"][0]
    assert (plant.rates().wear_speed, plant.worn()) == (1.0, 0.0)
    assert demo.rates().wear_speed > 50
    assert demo.worn() > 0


def test_a_speed_of_one_s_own_wins() -> None:
    """Over the profile's, and every other rate is a setting, too."""
    env = {"ENERGYTRACK_SIMULATOR_WEAR_SPEED": "7", "ENERGYTRACK_SIMULATOR_LOST_PER_DAY": "3"}
    rates = SimulatorSettings.from_env(env).rates()
    assert (rates.wear_speed, rates.lost_per_day) == (7.0, 3.0)
    assert rates.repair_speed == PROFILES["demo"][0].repair_speed


def test_impossible_rates_are_named() -> None:
    """All of them at once."""
    env = {"ENERGYTRACK_SIMULATOR_SEED": "-1", "ENERGYTRACK_SIMULATOR_LATE_SHARE": "2"}
    with pytest.raises(InvalidSettings) as caught:
        SimulatorSettings.from_env(env)
    assert len(caught.value.problems) == 2
