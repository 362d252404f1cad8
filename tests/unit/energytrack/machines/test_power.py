"""Power from current."""

import math

import pytest

from energytrack.machines.power import power_watts
from energytrack.machines.ratings import Circuit, Rating, Thermal

RATING = Rating(
    prefix="cnc", volts=400.0, power_factor=0.85, standby_amperes=0.4, idle_amperes=5.5, rated_amperes=24.0,
    inrush=2.5, job_minutes=(4.0, 25.0), gap_minutes=(0.5, 4.0), job_load=(0.35, 0.95),
    thermal=Thermal(rise_celsius=44.0, time_constant_minutes=18.0, limit_celsius=85.0),
    circuit=Circuit("hydraulic", nominal_bar=5.5, droop_bar=0.4, standby_bar=1.0, time_constant_seconds=8.0,
                    minimum_bar=4.3),
)  # fmt: skip


def test_power_of_a_three_phase_machine() -> None:
    """10 A per phase at 400 V line to line and a power factor of 0.85 are 5.889 kW."""
    assert power_watts(10.0, RATING) == pytest.approx(math.sqrt(3) * 400 * 10 * 0.85)
    assert power_watts(10.0, RATING) == pytest.approx(5889, abs=1)
