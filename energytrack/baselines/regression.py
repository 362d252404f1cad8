"""The regression of a day's energy on its variables, with the figures by which its validity is judged. Pure."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from energytrack.baselines.observations import DayObservation, ObservationTable

Floats = NDArray[np.float64]
LJUNG_BOX_LAGS: Final = 7
"""A week: it reveals what a model misses without the weekday."""
STRONGEST_LAG1: Final = 0.95


class Term(Struct, frozen=True):
    """A variable in the model."""

    variable: str
    coefficient: float
    """kWh per unit of the variable."""
    standard_error: float
    """Robust against autocorrelation and unequal spread (Newey and West)."""
    t: float
    p_value: float
    """Two-sided, for the hypothesis that the energy does not depend on it."""
    inflation: float
    """Variance inflation factor: how far the other variables explain this one; 1 is not at all."""
    lowest: float
    highest: float
    """The range in the baseline period, outside of which the model says nothing."""


class Fit(Struct, frozen=True):
    """energy of a day = intercept + coefficients x variables, by ordinary least squares."""

    days: int
    intercept: float
    terms: tuple[Term, ...]
    mean_kwh: float
    squared_errors: float
    """Sum of the squared residuals, kWh²."""
    r_squared: float
    adjusted_r_squared: float
    cv_rmse: float
    """Root mean squared residual (n - p degrees of freedom) over the mean."""
    f_p_value: float | None
    """For the model as a whole; None without variables."""
    durbin_watson: float
    lag1: float
    """Autocorrelation of the residuals from one day to the next."""
    ljung_box_p_value: float | None
    """For the hypothesis that residuals do not depend on those of the week before; None if there are too few."""
    effective_days: float
    """n' of ASHRAE Guideline 14: the number of independent days with the same information."""
    inverse: tuple[tuple[float, ...], ...]
    """(X'X)^-1, for the uncertainty that coefficients contribute to a sum of predictions."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its variables, in their order."""
        return tuple(term.variable for term in self.terms)

    @property
    def parameters(self) -> int:
        """p: coefficients and intercept."""
        return len(self.terms) + 1

    def expected(self, row: DayObservation) -> float:
        """The expected energy of a day, in kWh; its values must be in the order of the terms."""
        pairs = zip(self.terms, row.values, strict=True)
        return self.intercept + sum(term.coefficient * value for term, value in pairs)

    def in_range(self, row: DayObservation, *, margin: float = 0.1) -> bool:
        """Whether a day's variables are within the range of the baseline period, extended by `margin` of it."""
        for term, value in zip(self.terms, row.values, strict=True):
            slack = margin * (term.highest - term.lowest)
            if not term.lowest - slack <= value <= term.highest + slack:
                return False
        return True


def design(rows: Sequence[DayObservation]) -> Floats:
    """[days, 1 + variables]: a column of ones, and the variables."""
    return np.array([[1.0, *row.values] for row in rows], dtype=np.float64)


def fit(table: ObservationTable) -> Fit:
    """Fit a model to all variables of a table; it must have more days than parameters, and independent columns."""
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415  # seconds of imports, for those who fit
    from statsmodels.stats.stattools import durbin_watson  # noqa: PLC0415

    x, y = design(table.rows), np.array([row.kwh for row in table.rows], dtype=np.float64)
    days, parameters = x.shape
    fitted = OLS(y, x).fit()
    robust = fitted.get_robustcov_results("HAC", maxlags=_lags(days), use_correction=True)
    residuals = np.asarray(fitted.resid, dtype=np.float64)
    squared = float(residuals @ residuals)
    mean = float(y.mean())
    lag1 = lag1_of(table.rows, residuals)
    has_variables = parameters > 1
    inverse = np.linalg.inv(x.T @ x)
    inflation = np.diag(inverse) * ((x - x.mean(axis=0)) ** 2).sum(axis=0)
    return Fit(
        days=days,
        intercept=float(fitted.params[0]),
        terms=tuple(
            Term(
                variable=name,
                coefficient=float(fitted.params[place]),
                standard_error=float(robust.bse[place]),
                t=float(robust.tvalues[place]),
                p_value=float(robust.pvalues[place]),
                inflation=float(inflation[place]),
                lowest=float(x[:, place].min()),
                highest=float(x[:, place].max()),
            )
            for place, name in enumerate(table.variables, start=1)
        ),
        mean_kwh=mean,
        squared_errors=squared,
        r_squared=float(fitted.rsquared) if has_variables else 0.0,
        adjusted_r_squared=float(fitted.rsquared_adj) if has_variables else 0.0,
        cv_rmse=float(np.sqrt(squared / (days - parameters)) / mean) if mean > 0.0 else float("inf"),
        f_p_value=float(fitted.f_pvalue) if has_variables else None,
        durbin_watson=float(durbin_watson(residuals)) if squared > 0.0 else 2.0,
        lag1=lag1,
        ljung_box_p_value=_ljung_box(residuals),
        effective_days=days * (1.0 - max(lag1, 0.0)) / (1.0 + max(lag1, 0.0)),
        inverse=tuple(tuple(map(float, row)) for row in inverse),
    )


def lag1_of(rows: Sequence[DayObservation], residuals: Floats) -> float:
    """Autocorrelation from one day to the next; only consecutive days count."""
    variance = float(residuals @ residuals) / len(residuals)
    pairs = [
        residuals[place] * residuals[place + 1]
        for place in range(len(rows) - 1)
        if (rows[place + 1].day - rows[place].day).days == 1
    ]
    if variance <= 0.0 or len(pairs) < 3:
        return 0.0
    return float(np.clip(np.mean(pairs) / variance, -STRONGEST_LAG1, STRONGEST_LAG1))


def _lags(days: int) -> int:
    """Newey and West's rule of thumb."""
    return max(1, int(4.0 * (days / 100.0) ** (2.0 / 9.0)))


def _ljung_box(residuals: Floats) -> float | None:
    from statsmodels.stats.diagnostic import acorr_ljungbox  # noqa: PLC0415  # as above

    if len(residuals) < 3 * LJUNG_BOX_LAGS or not np.any(np.abs(residuals) > 0.0):
        return None
    return float(acorr_ljungbox(residuals, lags=[LJUNG_BOX_LAGS])["lb_pvalue"].iloc[0])
