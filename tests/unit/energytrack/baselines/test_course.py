"""Actual beside expected, day by day."""

from datetime import timedelta

import pytest

from energytrack.baselines.course import Adjustment, course_of, performance_of
from energytrack.baselines.regression import fit
from testkit.builders.baselines import FIRST, a_plant_of_presses, a_table


def test_cusum_falls_while_energy_is_saved() -> None:
    """By what every day saves."""
    found = fit(a_plant_of_presses(90))
    points = course_of(found, a_plant_of_presses(20, seed=50, saved=100.0))
    assert points[-1].cusum_kwh == pytest.approx(sum(point.actual_kwh - point.expected_kwh for point in points))
    assert -2600 < points[-1].cusum_kwh < -1400


def test_an_adjustment_holds_on_its_days() -> None:
    """A second furnace that nobody can blame the measure for; one without an end holds from then on."""
    found = fit(a_table({}, [100.0, 101.0] * 10))
    furnace = Adjustment(FIRST + timedelta(days=1), FIRST + timedelta(days=2), 40.0, "second furnace on trial")
    light = Adjustment(FIRST + timedelta(days=3), None, -5.0, "new lamps")
    points = course_of(found, a_table({}, [100.5] * 5), [furnace, light])
    assert [point.adjusted_kwh for point in points] == [0.0, 40.0, 40.0, -5.0, -5.0]
    assert points[1].excess_kwh == pytest.approx(-40.0)


def test_indicators_are_unknown_without_what_they_are_taken_of() -> None:
    """No parts are not infinitely much energy per part."""
    found = fit(a_table({}, [100.0, 101.0] * 10))
    points = course_of(found, a_table({}, [90.0] * 10))
    shown = performance_of(points, parts=450.0, hours=None)
    assert (shown.kwh_per_part, shown.kwh_per_hour) == (2.0, None)
    assert shown.ratio == pytest.approx(900 / 1005)
    assert performance_of([], parts=0.0, hours=0.0).kwh_per_part is None
