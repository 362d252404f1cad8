"""How long a machine still has: an interval that eight of ten machines in such a state kept to.

Nothing is assumed about the shape of lives. Rows of machines that the model had not seen are sorted into bins of equal
expectation, and what came true in a bin is what is said of a machine in it (Mondrian conformal prediction; V. Vovk et
al., 2005). Lives are cut off at a reach: beyond it, it is only said that a machine has longer than that.
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
"""Places of the ends of an interval for 80 %, of its middle, and of the end of one that has no other end."""
LIKELY: Final = 0.5
"""From this probability on, a failure is likelier than not, and it matters when earlier ones came."""
LEAST_FAILURES: Final = 10
"""With fewer than this, nothing is said."""
FAILURES_PER_BIN: Final = 12
"""Fewer make ends that are wrong too often (docs/decisions/remaining-life.md)."""
FEW_PER_BIN: Final = 8
"""Where there are not even so many failures in all."""
LEAST_ROWS: Final = 20
MOST_BINS: Final = 8
TREES: Final = 40
"""At most: a model of fewer trees has only as many here."""
DEPTH: Final = 8
LEAF: Final = 3
MOST_ROWS: Final = 4_000
"""Rows of each tree."""
NEAR_THE_REACH: Final = 0.99
"""An end that is so close to the reach says nothing else than the reach."""
SOONER: Final = 0.2
"""At most this share fails before the beginning of an interval."""
BY_THE_END: Final = 0.9
"""This share has failed by the end of an interval."""


@dataclass(frozen=True, eq=False)
class LifeBins:
    """What came true in each of B ranges of an expectation."""

    edges: Floats
    """[B - 1], rising."""
    hours: Floats
    """[B, levels]: quantiles of the hours left in each range."""
    within: Floats | None = None
    """[B]: the share of each range whose machine failed within the reach. None in models of earlier versions."""

    def places(self, expectation: Floats) -> Integers:
        """[rows], the range of each."""
        return np.searchsorted(self.edges, expectation, side="right")

    def at(self, expectation: Floats) -> Floats:
        """[rows, levels]."""
        hours: Floats = self.hours[self.places(expectation)]
        return hours


@dataclass(frozen=True, eq=False)
class Life:
    """Remaining life by the model's probability; where a failure is likely, by when earlier ones came."""

    reach_hours: float
    """Lives are known up to this."""
    by_risk: LifeBins
    """By the probability that nothing fails."""
    when: Any = None
    """A forest of rows before failures: hours until then. None if too few were likely."""
    by_time: LifeBins | None = None
    """By what that forest expects."""

    def needs_features(self, probability: Floats) -> Mask:
        """[rows], those whose features are looked at; for the others the probability is enough."""
        likely: Mask = probability >= LIKELY
        return likely if self.by_time is not None else np.zeros_like(likely)

    def quantiles(self, features: Matrix, probability: Floats) -> Floats:
        """[rows, levels], hours; those that reach `reach_hours` are longer than that."""
        hours_left = self.by_risk.at(1.0 - probability)
        likely = self.needs_features(probability)
        if self.by_time is not None and likely.any():
            hours_left[likely] = self.by_time.at(expected_values(self.when, features[likely]))
        return hours_left

    def interval(self, quantiles: Floats) -> tuple[Floats, Floats]:
        """Its ends for 80 %, [rows] each, in hours; the second is infinite where it lies beyond the reach."""
        closed = quantiles[:, HIGH] < NEAR_THE_REACH * self.reach_hours
        low = np.where(closed, quantiles[:, LOW], quantiles[:, ALONE])
        return low, np.where(closed, quantiles[:, HIGH], np.inf)

    def courses(self, bins: LifeBins) -> tuple[Floats, Floats]:
        """Hours, [B, levels + 2], and how likely a failure is until then, for each range: from (0, 0) to the reach."""
        rising = np.maximum.accumulate(bins.hours, axis=1)  # equal means of two levels may differ in the last digit
        hours = np.minimum(rising, self.reach_hours)  # [B, levels]
        ends = hours < NEAR_THE_REACH * self.reach_hours  # [B, levels]: the level's quantile lies within the reach
        highest = np.where(ends, np.array(LEVELS), 0.0).max(axis=1)  # [B]: the highest such level
        within = highest if bins.within is None else np.maximum(bins.within, highest)  # [B]: a failure within the reach
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
    """A forest that tells from rows before failures when these came."""
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
    """How many failures a bin needs, by all that there are."""
    return FAILURES_PER_BIN if len(np.unique(event[event >= 0])) >= FAILURES_PER_BIN else FEW_PER_BIN


def bins_of(expectation: Floats, hours: Floats, event: Integers, device: Integers, *, per_bin: int) -> LifeBins | None:
    """What came true by expectation, [rows] each; None if that is too little.

    Each bin has rows before several failures (`event`, -1 for none): the rows before a single one are no evidence, and
    neither are those of a single sound machine. The next life may be longer, or shorter, than all that were seen:
    intervals are wider the fewer they were. A larger expectation never means less.
    """
    order = np.argsort(expectation, kind="stable")
    sorted_expectation, sorted_hours, sorted_event = expectation[order], hours[order], event[order]
    ranges = _ranges(sorted_expectation, sorted_event, per_bin=per_bin)
    if not ranges:
        return None
    lives = np.where(event >= 0, event, -1 - device)[order]  # [rows], the failure ahead; or a machine that has none
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
    """The bins of rows that are sorted by expectation, as (first row, row after the last); empty if there is not one.

    A bin ends as soon as it has rows enough before `per_bin` failures, and never between rows of equal expectation.
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
    if ranges and start < len(event):  # the rest has few failures: a bin if it is large and has none, else of the last
        if not failures and len(event) - start >= LEAST_ROWS:
            ranges.append((start, len(event)))
        else:
            ranges[-1] = (ranges[-1][0], len(event))
    return ranges


def _of_the_next(hours: Floats, lives: int, longest: float) -> Floats:
    """[levels], bounds of the next life by rows of so many lives; 0 and the longest where these are too few to say."""
    levels = np.array(LEVELS)
    wider = np.where(levels >= LIKELY, levels * (lives + 1) / lives, 1.0 - (1.0 - levels) * (lives + 1) / lives)
    within = np.quantile(hours, wider.clip(0.0, 1.0), method="inverted_cdf")
    bounded: Floats = np.where(wider > 1.0, longest, np.where(wider < 0.0, 0.0, within))
    return bounded
