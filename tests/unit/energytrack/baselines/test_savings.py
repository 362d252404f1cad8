"""What was saved, how sure that is, and when nothing is proved."""

import math

import numpy as np
import pytest
from scipy.stats import t

from energytrack.baselines.course import course_of
from energytrack.baselines.observations import ObservationTable
from energytrack.baselines.regression import Fit, fit
from energytrack.baselines.savings import Saving, half_width, saving_of
from testkit.builders.baselines import a_plant_of_presses, a_table


def a_saving(found: Fit, table: ObservationTable, *, is_valid: bool = True) -> Saving:
    return saving_of(found, table, course_of(found, table), is_valid=is_valid)


def test_a_saving_is_proved_with_its_interval() -> None:
    """Thirty days of 100 kWh less, at 0.25 a kilowatt hour."""
    saving = a_saving(fit(a_plant_of_presses(90)), a_plant_of_presses(30, seed=70, saved=100.0))
    assert saving.is_proved
    assert saving.half_width_kwh is not None
    assert abs(saving.kwh - 3000.0) < saving.half_width_kwh < 600.0
    assert saving.cost == pytest.approx(saving.kwh / 4)
    assert saving.half_width_cost == pytest.approx(saving.half_width_kwh / 4)
    assert (saving.days, saving.option) == (30, "B")
    assert saving.fractional_uncertainty == pytest.approx(saving.half_width_kwh / saving.kwh)


def test_nothing_is_proved_where_nothing_was_saved() -> None:
    """The interval includes zero."""
    saving = a_saving(fit(a_plant_of_presses(90)), a_plant_of_presses(30, seed=71))
    assert saving.why_not == "interval includes zero"


def test_the_interval_is_that_of_the_guideline() -> None:
    """By hand for independent days: ordinary least squares, a sum of m predictions."""
    found, table = fit(a_plant_of_presses(90, lag1=-0.2)), a_plant_of_presses(30, seed=72)
    assert found.effective_days == 90
    x0 = np.array([[1.0, row.values[0]] for row in a_plant_of_presses(90, lag1=-0.2).rows])
    ones = np.array([[1.0, row.values[0]] for row in table.rows]).sum(axis=0)
    spread = 30 + ones @ np.linalg.inv(x0.T @ x0) @ ones
    expected = t.ppf(0.95, 88) * math.sqrt(found.squared_errors / 88 * spread)
    assert half_width(found, table, confidence=0.9) == pytest.approx(expected)
    printed = t.ppf(0.95, 88) * 1.26 * math.sqrt(found.squared_errors / 88) * math.sqrt((1 + 2 / 90) * 30)
    assert a_saving(found, table).guideline_half_width_kwh == pytest.approx(printed)


@pytest.mark.parametrize("lag1", [0.0, 0.6])
def test_nine_of_ten_intervals_hold_the_truth(lag1: float) -> None:
    """Also where each day follows the one before: without n' it would be six of ten."""
    held = 0
    for seed in range(100):
        whole = a_plant_of_presses(150, seed=100 + 2 * seed, lag1=lag1)
        before, after = (
            ObservationTable(whole.variables, whole.rows[:120]),
            ObservationTable(whole.variables, whole.rows[120:]),
        )
        saving = a_saving(fit(before), after)
        held += abs(saving.kwh) <= (saving.half_width_kwh or 0.0)
    assert 80 <= held <= 98


def test_what_cannot_prove_says_why() -> None:
    """A baseline that is not valid, hardly any days, days unlike those of the baseline."""
    found = fit(a_plant_of_presses(90))
    after = a_plant_of_presses(30, seed=70, saved=100.0)
    assert a_saving(found, after, is_valid=False).why_not == "baseline not valid"
    assert a_saving(found, ObservationTable(after.variables, after.rows[:2])).why_not == "too few days"
    assert a_saving(found, ObservationTable(after.variables, ())).why_not == "too few days"
    beyond = a_table({"parts": [5000.0] * 10}, [100.0] * 10)
    assert (a_saving(found, beyond).why_not, a_saving(found, beyond).days_out_of_range) == ("out of range", 10)


def test_days_that_all_follow_the_first_prove_nothing() -> None:
    """They say as much as a few independent ones: the interval has no end."""
    drifting = fit(a_table({}, np.linspace(0.0, 100.0, 20).tolist()))
    assert half_width(drifting, a_table({}, [50.0] * 10)) == math.inf


def test_energy_from_ratings_is_option_a() -> None:
    """Mostly worked out, not metered."""
    found = fit(a_plant_of_presses(90))
    table = a_plant_of_presses(30, seed=70, saved=100.0)
    rows = tuple(type(row)(row.day, row.kwh, row.values, None, row.kwh) for row in table.rows)
    saving = a_saving(found, ObservationTable(table.variables, rows))
    assert (saving.option, saving.cost) == ("A", None)
