"""Energy that rises, and measures that are broken."""

from datetime import timedelta

import pytest

from energytrack.baselines.course import Point, course_of
from energytrack.baselines.regression import fit
from energytrack.baselines.watching import excess_of, kept_of
from testkit.builders.baselines import FIRST, a_plant_of_presses


@pytest.mark.parametrize(("saved", "rises"), [(-150.0, True), (0.0, False), (150.0, False)])
def test_a_week_far_above_the_baseline_is_reported(saved: float, rises: bool) -> None:
    """And neither chance nor a saving."""
    found, table = fit(a_plant_of_presses(90)), a_plant_of_presses(30, seed=70, saved=saved)
    excess = excess_of(found, table, course_of(found, table))
    assert excess is not None
    assert (excess.days, excess.is_rising) == (7, rises)


def test_a_few_days_are_not_judged() -> None:
    found, table = fit(a_plant_of_presses(90)), a_plant_of_presses(3, seed=70, saved=-500.0)
    assert excess_of(found, table, course_of(found, table)) is None


def nights(*actual: float, expected: float = 40.0) -> list[Point]:
    return [
        Point(FIRST + timedelta(days=place), kwh, expected, 0.0, 0.0, True, 0.25, 0.0)
        for place, kwh in enumerate(actual)
    ]


def test_a_night_left_on_is_seen_and_two_break_a_measure() -> None:
    """One may be a late shift."""
    once = kept_of(nights(1.0, 39.0, 2.0, 38.0), expected_kwh_per_day=40.0)
    assert (once.kept_days, len(once.broken), once.run, once.is_broken) == (2, 2, 1, False)
    again = kept_of(nights(1.0, 2.0, 38.0, 41.0), expected_kwh_per_day=40.0)
    assert (again.run, again.is_broken) == (2, True)


def test_a_day_is_judged_by_what_could_be_saved_on_it() -> None:
    """Where a quarter was to be saved, an eighth is enough."""
    assert kept_of(nights(34.0, 34.0), expected_kwh_per_day=10.0).broken == ()
    assert len(kept_of(nights(36.0, 36.0), expected_kwh_per_day=10.0).broken) == 2


def test_nothing_expected_breaks_nothing() -> None:
    assert kept_of(nights(100.0, 100.0), expected_kwh_per_day=0.0).broken == ()
    assert kept_of([], expected_kwh_per_day=10.0).kept_days == 0
