"""The meter: energy from a register or from current, never falling, no reading counted twice."""

import math
from datetime import timedelta
from typing import Any

import pytest

from energytrack.energy import GAP_LIMIT_SECONDS, Meter, advance_meter, power_watts, start_meter
from energytrack.messages import Reading
from energytrack.ratings import Circuit, Rating, Thermal
from testkit.builders import NOW, a_reading

RATING = Rating(
    prefix="cnc", volts=400.0, power_factor=0.85, standby_amperes=0.4, idle_amperes=5.5, rated_amperes=24.0,
    inrush=2.5, job_minutes=(4.0, 25.0), gap_minutes=(0.5, 4.0), job_load=(0.35, 0.95),
    thermal=Thermal(rise_celsius=44.0, time_constant_minutes=18.0, limit_celsius=85.0),
    circuit=Circuit("hydraulic", nominal_bar=5.5, droop_bar=0.4, standby_bar=1.0, time_constant_seconds=8.0,
                    minimum_bar=4.3),
)  # fmt: skip


def after(seconds: float, **fields: Any) -> Reading:
    """A reading some seconds after NOW."""
    return a_reading(timestamp=NOW + timedelta(seconds=seconds), **fields)


def metered(*readings: Reading, rating: Rating | None = RATING) -> Meter:
    first, *others = readings
    meter = start_meter(first, rating)
    for reading in others:
        meter = advance_meter(meter, reading, rating)
    return meter


def test_power_of_a_three_phase_machine() -> None:
    """10 A per phase at 400 V line to line and a power factor of 0.85 are 5.889 kW."""
    assert power_watts(10.0, RATING) == pytest.approx(math.sqrt(3) * 400 * 10 * 0.85)
    assert power_watts(10.0, RATING) == pytest.approx(5889, abs=1)


def test_a_constant_current_is_power_times_time() -> None:
    """One minute at 10 A."""
    meter = metered(*(after(10 * n, current=10.0) for n in range(7)))
    assert meter.total_joules == pytest.approx(60 * power_watts(10.0, RATING))
    assert meter.watts == pytest.approx(power_watts(10.0, RATING))


def test_a_ramp_is_integrated_by_trapezoid() -> None:
    """From 0 to 10 A in a minute uses half of what 10 A would."""
    assert metered(after(0, current=0.0), after(60, current=10.0)).total_joules == pytest.approx(
        30 * power_watts(10.0, RATING)
    )


def test_a_long_gap_is_not_bridged() -> None:
    """Without a register nobody knows what the machine did."""
    assert metered(after(0), after(GAP_LIMIT_SECONDS)).total_joules > 0
    assert metered(after(0), after(GAP_LIMIT_SECONDS + 1)).total_joules == 0


def test_a_lost_sensor_stops_the_integral() -> None:
    """No current, no power: what happened meanwhile is not guessed."""
    meter = metered(after(0), after(10, current=None), after(20))
    assert meter.total_joules == 0
    assert metered(after(0), after(10, current=None)).watts is None


def test_without_a_rating_current_says_nothing() -> None:
    """A type that the plant file does not know has neither volts nor a power factor."""
    assert metered(after(0), after(10), rating=None).total_joules == 0


def test_a_register_counts_over_any_gap() -> None:
    """What the meter on the machine says is right, however many readings were lost."""
    meter = metered(after(0, energy_kwh=100.0), after(7200, energy_kwh=112.5))
    assert meter.total_joules == pytest.approx(112.5 * 3.6e6)


def test_a_register_counts_without_a_rating() -> None:
    """It needs no volts."""
    meter = metered(after(0, energy_kwh=100.0), after(60, energy_kwh=101.0), rating=None)
    assert meter.total_joules == pytest.approx(101.0 * 3.6e6)


def test_a_register_that_is_missing_for_a_while_catches_up() -> None:
    """The next one brings what was used meanwhile; current is not counted beside it."""
    meter = metered(after(0, energy_kwh=100.0), after(60), after(120, energy_kwh=100.2))
    assert meter.total_joules == pytest.approx(100.2 * 3.6e6)


def test_a_register_that_falls_begins_a_new_base() -> None:
    """A meter was replaced: nothing is counted for the step, and the next one counts again."""
    meter = metered(after(0, energy_kwh=100.0), after(60, energy_kwh=3.0), after(120, energy_kwh=3.1))
    assert meter.total_joules == pytest.approx(100.1 * 3.6e6)


def test_a_register_that_leaps_is_not_believed() -> None:
    """A machine of 14 kW cannot use 1000 kWh in a minute."""
    meter = metered(after(0, energy_kwh=100.0), after(60, energy_kwh=1100.0), after(120, energy_kwh=1100.1))
    assert meter.total_joules == pytest.approx(100.1 * 3.6e6)


def test_idle_energy_is_counted_apart() -> None:
    """A step is idle when the machine was idle at its start."""
    meter = metered(after(0, state="running"), after(60, state="idle"), after(120, state="idle"), after(180))
    assert meter.idle_joules == pytest.approx(meter.total_joules * 2 / 3)


@pytest.mark.parametrize("seconds", [0, -30])
def test_a_late_or_repeated_reading_changes_nothing(seconds: float) -> None:
    """The meter is the very same."""
    meter = metered(after(0), after(60))
    assert advance_meter(meter, after(60 + seconds, current=99.0), RATING) is meter
