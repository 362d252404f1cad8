"""A fit against an independent calculation, and what it says of itself."""

import numpy as np
import pytest

from energytrack.baselines.regression import fit
from testkit.builders.baselines import a_plant_of_presses, a_table, noise


def test_a_fit_agrees_with_an_independent_calculation() -> None:
    """Least squares by numpy, and the figures of validity by their textbook formulas."""
    table = a_plant_of_presses(120)
    found = fit(table)
    x = np.array([[1.0, row.values[0]] for row in table.rows])
    y = np.array([row.kwh for row in table.rows])
    (intercept, slope), _, _, _ = np.linalg.lstsq(x, y, rcond=None)
    residuals = y - x @ [intercept, slope]
    squared = float(residuals @ residuals)
    assert (found.intercept, found.terms[0].coefficient) == pytest.approx((intercept, slope))
    assert found.squared_errors == pytest.approx(squared)
    assert found.r_squared == pytest.approx(1.0 - squared / float(((y - y.mean()) ** 2).sum()))
    assert found.cv_rmse == pytest.approx(np.sqrt(squared / 118) / y.mean())
    assert found.durbin_watson == pytest.approx(float((np.diff(residuals) ** 2).sum()) / squared)
    assert found.lag1 == pytest.approx(float((residuals[1:] * residuals[:-1]).mean()) / (squared / 120))
    assert found.effective_days == pytest.approx(120 * (1 - found.lag1) / (1 + found.lag1))
    assert (found.terms[0].lowest, found.terms[0].highest) == (x[:, 1].min(), x[:, 1].max())


def test_robust_errors_are_those_of_newey_and_west() -> None:
    """By hand: X'X^-1 S X'X^-1 with Bartlett weights, and the correction for small samples."""
    table = a_plant_of_presses(60, lag1=0.6)
    found = fit(table)
    x = np.array([[1.0, row.values[0]] for row in table.rows])
    y = np.array([row.kwh for row in table.rows])
    inverse = np.linalg.inv(x.T @ x)
    scores = x * (y - x @ inverse @ x.T @ y)[:, None]
    middle = scores.T @ scores
    for lag in (1, 2, 3):
        crossed = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / 4) * (crossed + crossed.T)
    covariance = inverse @ middle @ inverse * 60 / 58
    assert found.terms[0].standard_error == pytest.approx(np.sqrt(covariance[1, 1]))


def test_variance_inflation_is_that_of_a_regression_on_the_others() -> None:
    """1 / (1 - R²) of each variable on the rest."""
    parts, heat = noise(60, seed=21), noise(60, seed=22)
    tonnes = parts + 0.5 * heat
    columns = {"parts": parts.tolist(), "tonnes": tonnes.tolist()}
    found = fit(a_table(columns, (10 + parts + noise(60, seed=23)).tolist()))
    r = np.corrcoef(parts, tonnes)[0, 1]
    assert [term.inflation for term in found.terms] == pytest.approx([1 / (1 - r**2)] * 2)


def test_a_model_without_variables_is_the_mean() -> None:
    """A machine that uses the same every night needs no variable."""
    found = fit(a_table({}, [100.0, 102.0, 98.0, 101.0, 99.0] * 4))
    assert found.intercept == pytest.approx(100.0)
    assert (found.r_squared, found.f_p_value, found.parameters) == (0.0, None, 1)


def test_days_that_are_no_neighbours_say_nothing_about_autocorrelation() -> None:
    """Of every second day, nothing follows for the next one."""
    table = a_plant_of_presses(80, lag1=0.8)
    assert fit(table).lag1 > 0.5
    every_second = type(table)(table.variables, table.rows[::2])
    assert fit(every_second).lag1 == 0.0


def test_a_value_far_outside_the_range_is_reported() -> None:
    """A tenth of the range beside it is let pass."""
    table = a_table({"parts": [0.0, 50.0, 100.0] * 6}, (100 + noise(18, seed=3)).tolist())
    found = fit(table)
    outside = a_table({"parts": [109.0, 111.0, -9.0, -11.0]}, [1.0] * 4)
    assert [found.in_range(row) for row in outside.rows] == [True, False, True, False]
