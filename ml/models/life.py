"""Predicts remaining life: an interval in which eight of ten machines in such a state failed.

No distribution is assumed. Rows that the model had not seen are sorted into bins of similar expectation. A machine gets
the interval of the outcomes in its bin (Mondrian conformal prediction; V. Vovk et al., 2005). Lives are cut off at a
reach: a longer life is only predicted to be longer than that.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.isotonic import isotonic_regression

from ml.arrays import Floats, Integers, Mask, Matrix
from ml.models.forest_votes import expected_values

LEVELS: Final = tuple(round(0.05 * place, 2) for place in range(1, 20))
LOW, HIGH, MIDDLE, ALONE = (LEVELS.index(level) for level in (0.1, 0.9, 0.5, 0.2))
"""Indices in LEVELS: beginning and end of an interval for 80 %, its middle, and the beginning of one without an end."""
LIKELY: Final = 0.5
"""From this probability on, the time of a failure is predicted from the features as well."""
LEAST_FAILURES: Final = 10
"""With fewer failures, no remaining life is predicted."""
FAILURES_PER_BIN: Final = 12
"""With fewer, ends are wrong too often (docs/decisions/remaining-life.md)."""
FEW_PER_BIN: Final = 8
"""Used if there are fewer failures in all."""
LEAST_ROWS: Final = 20
MOST_BINS: Final = 8
TREES: Final = 40
"""Upper limit: no more than the model itself has."""
DEPTH: Final = 8
LEAF: Final = 3
MOST_ROWS: Final = 4_000
"""Rows that each tree is trained on, at most."""
NEAR_THE_REACH: Final = 0.99
"""Share of the reach from which on an end counts as the reach."""
SOONER: Final = 0.2
"""At most this share fails before the beginning of an interval."""
BY_THE_END: Final = 0.9
"""This share has failed by the end of an interval."""


@dataclass(frozen=True, eq=False)
class LifeBins:
    """The outcomes in each of B bins of an expectation."""

    edges: Floats
    """[B - 1], edges between bins, rising."""
    hours: Floats
    """[B, levels], quantiles of the hours left in each bin."""
    within: Floats | None = None
    """[B], share of rows whose machine failed within the reach. None in models of earlier versions."""

    def places(self, expectation: Floats) -> Integers:
        """[rows], the bin of each."""
        return np.searchsorted(self.edges, expectation, side="right")

    def at(self, expectation: Floats) -> Floats:
        """[rows, levels], quantiles of the hours left."""
        hours: Floats = self.hours[self.places(expectation)]
        return hours


@dataclass(frozen=True, eq=False)
class Life:
    """Predicts remaining life from the model's probability; if a failure is likely, from the features."""

    reach_hours: float
    """Longest life that can be predicted."""
    by_risk: LifeBins
    """Bins of the probability that nothing fails."""
    when: Any = None
    """A regression forest that predicts hours until the failure. None if too few rows had a likely failure."""
    by_time: LifeBins | None = None
    """Bins of the forest's prediction."""

    def needs_features(self, probability: Floats) -> Mask:
        """[rows], true for rows whose prediction needs the features; the others need only the probability."""
        likely: Mask = probability >= LIKELY
        return likely if self.by_time is not None else np.zeros_like(likely)

    def quantiles(self, features: Matrix, probability: Floats) -> Floats:
        """[rows, levels], hours left; `reach_hours` means that or longer."""
        hours_left = self.by_risk.at(1.0 - probability)
        likely = self.needs_features(probability)
        if self.by_time is not None and likely.any():
            hours_left[likely] = self.by_time.at(expected_values(self.when, features[likely]))
        return hours_left

    def interval(self, quantiles: Floats) -> tuple[Floats, Floats]:
        """Beginning and end of the interval for 80 %, [rows] each, in hours; an end beyond the reach is infinite."""
        closed = quantiles[:, HIGH] < NEAR_THE_REACH * self.reach_hours
        low = np.where(closed, quantiles[:, LOW], quantiles[:, ALONE])
        return low, np.where(closed, quantiles[:, HIGH], np.inf)

    def courses(self, bins: LifeBins) -> tuple[Floats, Floats]:
        """The distribution of each bin, from (0, 0) to the reach: hours, and the probability of a failure by then.

        Both are [B, levels + 2].
        """
        rising = np.maximum.accumulate(bins.hours, axis=1)  # equal levels may differ in the last digit
        hours = np.minimum(rising, self.reach_hours)  # [B, levels]
        ends = hours < NEAR_THE_REACH * self.reach_hours  # [B, levels]: whether the quantile lies within the reach
        highest = np.where(ends, np.array(LEVELS), 0.0).max(axis=1)  # [B]: the highest such level
        # [B], the probability of a failure within the reach
        within = highest if bins.within is None else np.maximum(bins.within, highest)
        nothing, reach = np.zeros((len(hours), 1)), np.full((len(hours), 1), self.reach_hours)
        chances = np.where(ends, np.array(LEVELS), within[:, None])
        return (
            np.concatenate([nothing, np.where(ends, hours, self.reach_hours), reach], axis=1),
            np.concatenate([nothing, chances, within[:, None]], axis=1),
        )


def as_said(probability: Floats) -> Floats:
    """[rows], probabilities in the two significant digits in which people read them."""
    magnitude = np.floor(np.log10(np.maximum(probability, 1e-9)))
    digits = 10.0 ** (1.0 - magnitude)
    rounded: Floats = np.rint(probability * digits) / digits
    return rounded


def consistent(low: Floats, high: Floats, probability: Floats, *, horizon_hours: float) -> tuple[Floats, Floats]:
    """The ends of intervals, [rows] each, widened to agree with the probability of a failure within the horizon.

    From 20 % on, an interval begins no later than 20 % would have failed at a constant hazard; that is at once for a
    certain failure. Below 90 %, it does not end before the horizon.
    """
    share = as_said(probability)
    with np.errstate(divide="ignore"):  # a share of 0 has no such time, a share of 1 has none left
        latest = horizon_hours * np.log1p(-SOONER) / np.log1p(-share)
    return (
        np.where(share >= SOONER, np.minimum(low, latest), low),
        np.where(share < BY_THE_END, np.maximum(high, horizon_hours), high),
    )


def course_through(
    hours: Floats, chances: Floats, probability: float, *, horizon_hours: float
) -> tuple[Floats, Floats]:
    """One of `Life.courses`, scaled before and after the horizon to reach the probability there."""
    at_horizon = float(np.interp(horizon_hours, hours, chances))
    before, after = hours < horizon_hours, hours > horizon_hours
    sooner = chances[before] * (probability / at_horizon if at_horizon else 0.0)
    rest = (1.0 - probability) / (1.0 - at_horizon) if at_horizon < 1.0 else 0.0
    later = np.minimum(probability + (chances[after] - at_horizon) * rest, 1.0)
    if not at_horizon:  # nothing is known of when: the hazard is as good as constant until then
        before, sooner = np.arange(len(hours)) == 0, np.zeros(1)
    return (
        np.concatenate([hours[before], [horizon_hours], hours[after]]),
        np.concatenate([sooner, [probability], later]),
    )


def forest_of(features: Matrix, hours: Floats, *, trees: int, seed: int) -> Any:
    """A regression forest of the hours until a failure, trained on rows [rows, features] before failures."""
    forest: Any = RandomForestRegressor(
        trees,
        max_depth=DEPTH,
        min_samples_leaf=LEAF,
        max_features=0.5,
        max_samples=MOST_ROWS if len(features) > MOST_ROWS else None,
        random_state=seed,
        n_jobs=1,
    )
    return forest.fit(features, hours)


def failures_per_bin(event: Integers) -> int:
    """Failures that a bin needs, given the failures of all rows; `event` is -1 for none."""
    return FAILURES_PER_BIN if len(np.unique(event[event >= 0])) >= FAILURES_PER_BIN else FEW_PER_BIN


def bins_of(expectation: Floats, hours: Floats, event: Integers, device: Integers, *, per_bin: int) -> LifeBins | None:
    """Bins of an expectation with the outcomes of rows, [rows] each; None if there are too few failures.

    `event` is the failure ahead, -1 for none. Each bin has rows before at least `per_bin` failures, because the rows
    before one failure are not independent, and neither are those of one sound machine. The next life may be longer or
    shorter than all that were seen, so intervals are wider if there were few. Quantiles never fall as the expectation
    rises.
    """
    order = np.argsort(expectation, kind="stable")
    sorted_expectation, sorted_hours, sorted_event = expectation[order], hours[order], event[order]
    ranges = _ranges(sorted_expectation, sorted_event, per_bin=per_bin)
    if not ranges:
        return None
    # [rows], the failure ahead, or the machine if there is none
    lives = np.where(event >= 0, event, -1 - device)[order]
    longest = float(hours.max())
    quantiles = np.array([_of_the_next(sorted_hours[a:b], len(np.unique(lives[a:b])), longest) for a, b in ranges])
    within = np.array([(sorted_event[a:b] >= 0).mean() for a, b in ranges])
    rows = np.array([b - a for a, b in ranges])
    return LifeBins(
        np.array([(sorted_expectation[end - 1] + sorted_expectation[end]) / 2 for _, end in ranges[:-1]]),
        np.column_stack([isotonic_regression(level, sample_weight=rows) for level in quantiles.T]),
        isotonic_regression(within, sample_weight=rows, increasing=False),
    )


def _ranges(expectation: Floats, event: Integers, *, per_bin: int) -> list[tuple[int, int]]:
    """The bins of rows sorted by expectation, as (first row, row after the last); empty if there are too few failures.

    A bin ends as soon as it has enough rows before `per_bin` failures, but never between rows of equal expectation.
    """
    least = max(LEAST_ROWS, int((event >= 0).sum()) // MOST_BINS)
    ranges: list[tuple[int, int]] = []
    failures: set[int] = set()
    start, rows_before_failures = 0, 0
    for end, failure in enumerate(event.tolist(), start=1):
        if failure >= 0:
            failures.add(failure)
            rows_before_failures += 1
        apart = end == len(event) or expectation[end] > expectation[end - 1]
        if len(failures) >= per_bin and rows_before_failures >= least and apart:
            ranges.append((start, end))
            failures, start, rows_before_failures = set(), end, 0
    # The rest is a bin of its own if it is large and has no failure; otherwise it belongs to the last bin.
    if ranges and start < len(event):
        if not failures and len(event) - start >= LEAST_ROWS:
            ranges.append((start, len(event)))
        else:
            ranges[-1] = (ranges[-1][0], len(event))
    return ranges


def _of_the_next(hours: Floats, lives: int, longest: float) -> Floats:
    """[levels], quantiles widened to hold for the next life after `lives` of them.

    A quantile that so few lives cannot bound is 0 or `longest`.
    """
    levels = np.array(LEVELS)
    wider = np.where(levels >= LIKELY, levels * (lives + 1) / lives, 1.0 - (1.0 - levels) * (lives + 1) / lives)
    within = np.quantile(hours, wider.clip(0.0, 1.0), method="inverted_cdf")
    bounded: Floats = np.where(wider > 1.0, longest, np.where(wider < 0.0, 0.0, within))
    return bounded
