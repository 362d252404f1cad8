"""Savings compared with a baseline, and their uncertainty. Pure.

Savings are avoided energy (IPMVP, options A and B): expected minus actual, adjusted to the conditions of the days in
question. The interval follows ASHRAE Guideline 14 (fractional savings uncertainty, with n' for autocorrelated days), in
its exact form for a linear model:

half width = t(n' - p) * sqrt(SSE / (n' - p) * (m + 1' X1 (X0'X0)^-1 X1' 1))

with m days, X0 and X1 the variables of baseline and reporting period, n' = n (1 - r) / (1 + r), r the lag-1
autocorrelation. Guideline 14 prints an approximation with the factor 1.26, which is given beside it.
"""

import math
from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

import numpy as np
from msgspec import Struct

from energytrack.baselines.course import Point
from energytrack.baselines.observations import ObservationTable
from energytrack.baselines.regression import Fit, design

CONFIDENCE: Final = 0.90
METHOD: Final = (
    "Avoided energy (IPMVP), interval by ASHRAE Guideline 14 for a linear model, with the days' autocorrelation"
)
GUIDELINE_FACTOR: Final = 1.26
LEAST_DAYS: Final = 3
LEAST_FREEDOM: Final = 1.0
MOSTLY: Final = 0.5

Option = Literal["A", "B"]
"""IPMVP: A if energy is mostly estimated from ratings, B if it is metered."""
Why = Literal["too few days", "baseline not valid", "interval includes zero", "out of range"]


class Saving(Struct, frozen=True):
    """The energy by which some days were below what was expected; negative if they used more."""

    first: date | None
    last: date | None
    days: int
    kwh: float
    half_width_kwh: float | None
    """The saving is `kwh` plus or minus this much; None if that cannot be determined."""
    confidence: float
    expected_kwh: float
    actual_kwh: float
    adjusted_kwh: float
    """The non-routine adjustments in it."""
    cost: float | None
    """The saving in money, at the prices of the selected hours; None if one is not known."""
    half_width_cost: float | None
    guideline_half_width_kwh: float | None
    """By the approximation in Guideline 14."""
    days_out_of_range: int
    option: Option
    why_not: Why | None
    """Why no saving is proved; None if it is."""

    @property
    def is_proved(self) -> bool:
        """Whether the whole interval is above zero and the baseline is valid."""
        return self.why_not is None

    @property
    def fractional_uncertainty(self) -> float | None:
        """Half width over the saving; None if nothing was saved."""
        return self.half_width_kwh / self.kwh if self.half_width_kwh is not None and self.kwh > 0.0 else None


def saving_of(
    fit: Fit, table: ObservationTable, points: Sequence[Point], *, is_valid: bool, confidence: float = CONFIDENCE
) -> Saving:
    """The saving of the days of a table; `points` are the same days compared with the same model."""
    saved = -sum(point.excess_kwh for point in points)
    half = half_width(fit, table, confidence=confidence)
    priced = [point.price_per_kwh for point in points if point.price_per_kwh is not None]
    is_priced = bool(points) and len(priced) == len(points)
    outside = sum(not point.in_range for point in points)
    actual = sum(point.actual_kwh for point in points)
    return Saving(
        first=points[0].day if points else None,
        last=points[-1].day if points else None,
        days=len(points),
        kwh=saved,
        half_width_kwh=_finite(half),
        confidence=confidence,
        expected_kwh=sum(point.expected_kwh for point in points),
        actual_kwh=actual,
        adjusted_kwh=sum(point.adjusted_kwh for point in points),
        cost=-sum(p.excess_kwh * (p.price_per_kwh or 0.0) for p in points) if is_priced else None,
        half_width_cost=_finite(half * sum(priced) / len(priced)) if is_priced else None,
        guideline_half_width_kwh=_finite(_guideline(fit, len(points), confidence)),
        days_out_of_range=outside,
        option="A" if sum(point.estimated_kwh for point in points) > MOSTLY * actual else "B",
        why_not=_why_not(len(points), outside, is_valid=is_valid, is_clear=saved > half),
    )


def half_width(fit: Fit, table: ObservationTable, *, confidence: float = CONFIDENCE) -> float:
    """By how much the sum of the days' expected energy may be off, in kWh; infinite if too little is known."""
    if not table.rows:
        return 0.0
    freedom = fit.effective_days - fit.parameters
    if freedom < LEAST_FREEDOM:
        return math.inf
    ones = design(table.rows).sum(axis=0)
    spread = len(table.rows) + float(ones @ np.array(fit.inverse) @ ones)
    return _t(confidence, freedom) * math.sqrt(fit.squared_errors / freedom * spread)


def _guideline(fit: Fit, days: int, confidence: float) -> float:
    """Equation of Guideline 14 for models with correlated residuals, as energy instead of as a fraction."""
    freedom = fit.effective_days - fit.parameters
    if freedom < LEAST_FREEDOM:
        return math.inf
    inflated = fit.days / fit.effective_days * (1.0 + 2.0 / fit.effective_days) * days
    error = math.sqrt(fit.squared_errors / (fit.days - fit.parameters))
    return _t(confidence, freedom) * GUIDELINE_FACTOR * error * math.sqrt(inflated)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _t(confidence: float, freedom: float) -> float:
    from scipy.stats import t  # noqa: PLC0415  # a second of imports, for those who prove

    return float(t.ppf(0.5 + confidence / 2.0, freedom))


def _why_not(days: int, outside: int, *, is_valid: bool, is_clear: bool) -> Why | None:
    if not is_valid:
        return "baseline not valid"
    if days < LEAST_DAYS:
        return "too few days"
    if outside > MOSTLY * days:
        return "out of range"
    return None if is_clear else "interval includes zero"
