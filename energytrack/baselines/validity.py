"""Whether a baseline can be relied on, check by check. Pure.

The limits are those of the field: R² and CV(RMSE) as in IPMVP and ASHRAE Guideline 14, p-values of 5 %. A check that
`must` pass decides whether anything can be proved with the baseline; the others say how good it is. R² alone rejects
nothing: a machine that uses the same every night has an R² of 0 and an excellent baseline.
"""

from typing import Final, Literal

from msgspec import Struct

from energytrack.baselines.course import course_of
from energytrack.baselines.observations import ObservationTable
from energytrack.baselines.regression import Fit, fit
from energytrack.baselines.savings import saving_of
from energytrack.baselines.selection import MOST_INFLATION, SIGNIFICANT, days_needed, independent

LEAST_R_SQUARED: Final = 0.75
MOST_CV_RMSE: Final = 0.25
USELESS_CV_RMSE: Final = 1.0
"""A model with this CV(RMSE) is off by as much as the energy itself."""
LEAST_EFFECTIVE: Final = 3.0
"""The least number of independent days beyond the parameters."""
DURBIN_WATSON: Final = (1.5, 2.5)

HELD_OUT_CONFIDENCE: Final = 0.95
"""One sound baseline of twenty fails by chance."""

Grade = Literal["good", "weak", "not valid"]


class Check(Struct, frozen=True):
    """One check of a baseline."""

    name: str
    passed: bool
    must: bool
    value: float | None
    text: str
    """What was expected and what was found, in a sentence."""


def checks_of(fit: Fit, table: ObservationTable) -> tuple[Check, ...]:
    """Every check of a fitted model and the days that it was fitted to."""
    needed = days_needed(len(fit.terms))
    worst = max((term.p_value for term in fit.terms), default=None)
    doubled = max((term.inflation for term in fit.terms), default=None)
    low, high = DURBIN_WATSON
    spare = fit.effective_days - fit.parameters
    checks = [
        Check("days", fit.days >= needed, True, fit.days, f"{fit.days} days; at least {needed} are needed."),
        Check(
            "independent days", spare >= LEAST_EFFECTIVE, True, fit.effective_days,
            f"They say as much as {fit.effective_days:.0f} independent days; "
            f"at least {fit.parameters + LEAST_EFFECTIVE:.0f} are needed.",
        ),
        Check(
            "spread", fit.cv_rmse <= USELESS_CV_RMSE, True, fit.cv_rmse,
            f"A day is off by {fit.cv_rmse:.0%} of the mean; above {USELESS_CV_RMSE:.0%} nothing can be said.",
        ),
        Check(
            "CV(RMSE)", fit.cv_rmse <= MOST_CV_RMSE, False, fit.cv_rmse,
            f"CV(RMSE) is {fit.cv_rmse:.1%}; at most {MOST_CV_RMSE:.0%} is good.",
        ),
        Check(
            "Durbin-Watson", low <= fit.durbin_watson <= high, False, fit.durbin_watson,
            f"Durbin-Watson is {fit.durbin_watson:.2f}, lag-1 autocorrelation {fit.lag1:.2f}: "
            + ("days are independent." if low <= fit.durbin_watson <= high else "intervals are wider for it."),
        ),
    ]  # fmt: skip
    if worst is not None and doubled is not None:
        checks += [
            Check(
                "p-values", worst <= SIGNIFICANT, True, worst,
                f"The highest p-value of a variable is {worst:.2g}; at most {SIGNIFICANT} counts as more than chance.",
            ),
            Check(
                "R²", fit.r_squared >= LEAST_R_SQUARED, False, fit.r_squared,
                f"R² is {fit.r_squared:.2f}: the variables explain {fit.r_squared:.0%} of what differs from day "
                f"to day; {LEAST_R_SQUARED} or more is good.",
            ),
            Check(
                "collinearity", doubled <= MOST_INFLATION, True, doubled,
                f"The highest variance inflation factor is {doubled:.1f}; at most {MOST_INFLATION:.0f} is allowed.",
            ),
        ]  # fmt: skip
    held_out = _held_out(table)
    return tuple(checks) if held_out is None else (*checks, held_out)


def _held_out(table: ObservationTable) -> Check | None:
    """Whether a model fitted to the first two thirds of the days predicts the last third; None with too few days.

    If not, something changed within the baseline period that no variable explains; later it would look like a saving.
    """
    cut = 2 * len(table.rows) // 3
    before, after = (ObservationTable(table.variables, rows) for rows in (table.rows[:cut], table.rows[cut:]))
    if cut < days_needed(len(table.variables)) or len(independent(before)[0]) < len(table.variables):
        return None
    earlier = fit(before)
    saving = saving_of(
        earlier, after, course_of(earlier, after), is_valid=True, confidence=HELD_OUT_CONFIDENCE
    )  # fmt: skip
    half = saving.half_width_kwh
    off = saving.kwh / saving.expected_kwh if saving.expected_kwh > 0.0 else None
    passed = half is None or abs(saving.kwh) <= half
    meaning = "no more than chance" if passed else "something changed that no variable tells"
    used = 0.0 if off is None else -off
    text = f"Fitted to the first two thirds, the model finds {used:+.0%} in the last third: {meaning}."
    return Check("held-out third", passed, True, off, text)


def grade_of(checks: tuple[Check, ...]) -> Grade:
    """The grade that the checks give together."""
    if not all(check.passed for check in checks if check.must):
        return "not valid"
    return "good" if all(check.passed for check in checks) else "weak"
