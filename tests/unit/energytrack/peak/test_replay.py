"""A day lived again with the guard: it saves by letting machines wait, and work that waited is done later."""

import numpy as np
import pytest

from energytrack.peak.replay import RecordedMonth, Rules, errors_of, replay

RULES = Rules(limit_kw=100.0, price_per_kw=10.0, reaction_minutes=2)
QUARTERS = 4


def a_plant(extra_kw: float, *, idle: bool = False, longest: float = 20.0) -> RecordedMonth:
    """Ninety kilowatts all the time; in the second quarter hour another machine is on."""
    watts = np.zeros((15 * QUARTERS, 2))
    watts[:, 0] = 90_000.0
    watts[15:30, 1] = extra_kw * 1000.0
    still = np.zeros(watts.shape, dtype=bool)
    still[:, 1] = idle
    return RecordedMonth(watts, still, np.array([0.0, 0.0]), np.array([0.0, longest]))


def test_doing_nothing_pays_the_peak() -> None:
    outcome = replay(a_plant(30.0), RULES, "nothing")
    assert [outcome.peak_kw, outcome.cost, outcome.stops] == pytest.approx([120.0, 1200.0, 0])


def test_a_machine_that_may_wait_brings_it_down() -> None:
    """Two minutes are looked at, two pass until it stops, and eleven at 30 kW are done later, in twenty minutes."""
    outcome = replay(a_plant(30.0), RULES, "guard")
    assert outcome.peak_kw == pytest.approx(90.0 + 30.0 * 11 / 20)
    assert (outcome.needless, outcome.stops) == (0, 1)
    assert outcome.waited_hours > 0.0


def test_a_perfect_forecast_acts_earlier() -> None:
    lived = a_plant(60.0, idle=True)
    saved = [replay(lived, RULES, who).peak_kw for who in ("nothing", "guard", "perfect")]
    assert saved == [pytest.approx(150.0), pytest.approx(106.0), pytest.approx(100.0, abs=6.1)]
    assert saved == sorted(saved, reverse=True)


def test_idle_machines_miss_no_work() -> None:
    outcome = replay(a_plant(30.0, idle=True), RULES, "guard")
    assert [outcome.waited_hours, outcome.peak_kw] == pytest.approx([0.0, 98.0], abs=2.1)


def test_a_machine_that_may_not_wait_is_left_alone() -> None:
    assert replay(a_plant(30.0, longest=0.0), RULES, "guard").peak_kw == pytest.approx(120.0)


def test_a_short_rise_is_a_needless_warning() -> None:
    """Thirty kilowatts for five minutes are ten in the mean: just as much as is paid for."""
    lived = a_plant(0.0)
    lived.watts[15:20, 1] = 30_000.0
    outcome = replay(lived, RULES, "guard")
    assert (outcome.warned, outcome.needless) == (1, 1)


def test_steady_power_is_forecast_without_error() -> None:
    assert all(error == pytest.approx(0.0) for _, error, _ in errors_of(a_plant(0.0)))
