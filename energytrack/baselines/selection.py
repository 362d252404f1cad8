"""Which candidate variables a baseline keeps: those that are not significant are rejected, with the reason. Pure.

Backward elimination: the weakest variable is removed and the rest is fitted again, until all remaining ones are
significant. The more candidates there are, the more likely one is significant by chance, so the p-values are adjusted
for their number (Holm): 95 of 100 baselines keep no column of noise, no matter how many were offered.
"""

from typing import Final, Literal

import numpy as np
from msgspec import Struct

from energytrack.baselines.observations import ObservationTable
from energytrack.baselines.regression import Fit, fit

SIGNIFICANT: Final = 0.05
MOST_INFLATION: Final = 10.0
"""Above it, two variables carry the same information, and the coefficients of both are meaningless."""
DAYS_PER_PARAMETER: Final = 6
LEAST_DAYS: Final = 14
RANK_TOLERANCE: Final = 1e-6

Why = Literal["constant", "says the same as others", "does not matter"]


class RejectedVariable(Struct, frozen=True):
    """A variable that was offered but is not in the model."""

    variable: str
    why: Why
    p_value: float | None
    """Adjusted for the number of variables on offer; None if the reason is another one."""


class TooFewDays(ValueError):
    """Too few days of a period are known for a baseline."""

    def __init__(self, days: int, needed: int) -> None:
        super().__init__(f"{days} days are known, and {needed} are needed for a baseline with these variables")
        self.days = days
        self.needed = needed


def days_needed(variables: int) -> int:
    """The number of days that a model with this many variables needs."""
    return max(LEAST_DAYS, DAYS_PER_PARAMETER * (variables + 1))


def select(table: ObservationTable) -> tuple[Fit, tuple[RejectedVariable, ...]]:
    """The model with the variables that matter, and those that do not; raises TooFewDays."""
    offered = len(table.variables)
    if len(table.rows) < days_needed(offered):
        raise TooFewDays(len(table.rows), days_needed(offered))
    kept, rejected = independent(table)
    while True:
        fitted = fit(table.only(kept))
        weakest = _weakest(fitted, offered)
        if weakest is None:
            return fitted, tuple(rejected)
        rejected.append(weakest)
        kept.remove(weakest.variable)


def independent(table: ObservationTable) -> tuple[list[str], list[RejectedVariable]]:
    """The variables that change and are not determined by those before them; and the rejected ones."""
    kept: list[str] = []
    rejected: list[RejectedVariable] = []
    columns = [np.ones(len(table.rows))]
    for place, name in enumerate(table.variables):
        column = np.array([row.values[place] for row in table.rows], dtype=np.float64)
        spread = float(column.std())
        if spread == 0.0:
            rejected.append(RejectedVariable(name, "constant", None))
            continue
        columns.append((column - column.mean()) / spread)
        if np.linalg.matrix_rank(np.column_stack(columns), tol=RANK_TOLERANCE) < len(columns):
            rejected.append(RejectedVariable(name, "says the same as others", None))
            columns.pop()
        else:
            kept.append(name)
    return kept, rejected


def _weakest(fitted: Fit, offered: int) -> RejectedVariable | None:
    ordered = sorted(fitted.terms, key=lambda term: term.p_value)
    doubled = [term for term in ordered if not term.inflation <= MOST_INFLATION]
    if doubled:
        return RejectedVariable(doubled[-1].variable, "says the same as others", None)
    adjusted = 0.0
    for place, term in enumerate(ordered):
        adjusted = min(1.0, max(adjusted, term.p_value * (offered - place)))
    if ordered and not adjusted <= SIGNIFICANT:
        return RejectedVariable(ordered[-1].variable, "does not matter", adjusted)
    return None
