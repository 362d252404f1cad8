"""Whether a baseline can be relied on."""

import numpy as np

from energytrack.baselines.observations import ObservationTable
from energytrack.baselines.regression import fit
from energytrack.baselines.validity import Check, checks_of, grade_of
from testkit.builders.baselines import a_plant_of_presses, a_table, noise


def checked(table: ObservationTable) -> tuple[Check, ...]:
    return checks_of(fit(table), table)


def failed(table: ObservationTable) -> list[str]:
    return [check.name for check in checked(table) if not check.passed]


def test_a_plant_that_follows_its_parts_has_a_good_baseline() -> None:
    checks = checked(a_plant_of_presses(90, lag1=0.0))
    assert (grade_of(checks), [check.name for check in checks if not check.passed]) == ("good", [])


def test_nights_that_are_all_alike_need_no_variable() -> None:
    """R² is 0 there, and no check of theirs."""
    checks = checked(a_table({}, (80 + 2 * noise(40, seed=1)).tolist()))
    assert grade_of(checks) == "good"
    assert "R²" not in {check.name for check in checks}


def test_days_that_follow_the_day_before_are_reported() -> None:
    """They weaken a baseline; the interval is wider for it."""
    checks = checked(a_plant_of_presses(90, lag1=0.8))
    assert grade_of(checks) == "weak"
    assert [check.name for check in checks if not check.passed] == ["Durbin-Watson"]


def test_noise_is_no_variable() -> None:
    """A model that was fitted to it all the same proves nothing."""
    checks = checked(a_table({"moon": noise(60, seed=31).tolist()}, (100 + noise(60, seed=1)).tolist()))
    assert grade_of(checks) == "not valid"
    assert "p-values" in {check.name for check in checks if not check.passed}


def test_days_without_any_pattern_prove_nothing() -> None:
    """A machine that was used now and then: a day is as far off as the energy itself."""
    now_and_then = np.where(np.arange(60) % 15 == 0, 100.0, 0.0)
    checks = checked(a_table({}, now_and_then.tolist()))
    assert grade_of(checks) == "not valid"


def test_a_change_within_the_period_spoils_it() -> None:
    """A furnace that was sold in the last third would look like a saving of whatever comes next."""
    before, after = a_plant_of_presses(60, lag1=0.0), a_plant_of_presses(30, seed=9, lag1=0.0, saved=60.0)
    columns = {"parts": [row.values[0] for row in (*before.rows, *after.rows)]}
    table = a_table(columns, [row.kwh for row in (*before.rows, *after.rows)])
    assert "held-out third" in failed(table)
    assert grade_of(checked(table)) == "not valid"


def test_a_short_period_is_not_cut_in_three() -> None:
    assert "held-out third" not in {check.name for check in checked(a_table({}, (80 + noise(18, seed=1)).tolist()))}
