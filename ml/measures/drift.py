"""Drift: how much the distributions of features and of probabilities have changed since the model was trained.

The population stability index (PSI) of two distributions over the same bins is the sum of (now - then) * ln(now/then)
(Siddiqi, Credit Risk Scorecards, 2006: below 0.1 is no change, above 0.25 is much). Rows of one machine are alike, so a
few machines differ from many by chance alone: the index expected by chance is subtracted, with each machine counted
once.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from msgspec import Struct

from ml.arrays import Floats, Matrix

BINS: Final = 10
DIGITS: Final = 5
MOST_ROWS: Final = 20_000
"""Minimum number of rows for a distribution."""
CHANGED: Final = 0.25
"""From this index on, a distribution counts as changed."""
PASSED_OVER: Final = ("age_years", "type_", "hours_since_", "code_")
"""Prefixes of features that describe a machine or its last maintenance: they differ by nature."""


class Bins(Struct, frozen=True):
    """The distribution of values."""

    edges: tuple[float, ...]
    """Rising; bin i holds the values of (edges[i - 1], edges[i]], the first and the last are open."""
    shares: tuple[float, ...]
    """The share in each bin; the last entry is the share of unknown values."""


class Reference(Struct, frozen=True):
    """The distributions of a model's features and probabilities when it was trained."""

    machines: int
    features: Mapping[str, Bins]
    probability: Bins


class Drift(Struct, frozen=True):
    """The change since then: PSI minus the part expected by chance, so 0 is the usual value."""

    features: Mapping[str, float]
    probability: float
    rows: int
    machines: int

    @property
    def share(self) -> float:
        """The share of features that have changed."""
        return sum(value >= CHANGED for value in self.features.values()) / max(len(self.features), 1)

    def worst(self, count: int) -> tuple[tuple[str, float], ...]:
        """The most changed features, most changed first."""
        return tuple(sorted(self.features.items(), key=lambda pair: (-pair[1], pair[0]))[:count])


def reference(features: Matrix, names: tuple[str, ...], probability: Floats, *, machines: int) -> Reference:
    """Describe rows [rows, features], and the probabilities of rows that were not used for training."""
    step = max(1, len(features) // MOST_ROWS)
    rows = features[::step]
    watched = {name: bins(rows[:, i].astype(np.float64)) for i, name in enumerate(names) if is_watched(name)}
    return Reference(machines, watched, bins(probability))


def is_watched(name: str) -> bool:
    """Whether a feature's distribution can show that a plant has changed."""
    return not name.startswith(PASSED_OVER)


def bins(values: Floats) -> Bins:
    """Bins with about the same share of the values in each; fewer if values repeat."""
    finite = values[np.isfinite(values)]
    if len(finite) == 0:
        return Bins((), (0.0, 1.0))
    cuts = np.quantile(finite, np.linspace(0, 1, BINS + 1)[1:-1])
    edges = tuple(dict.fromkeys(float(f"{cut:.{DIGITS}g}") for cut in cuts.tolist()))
    return Bins(edges, tuple(round(share, DIGITS) for share in _shares(values, edges).tolist()))


def measure(then: Reference, features: Matrix, names: tuple[str, ...], probability: Floats, *, machines: int) -> Drift:
    """The drift of current rows, [rows, features]; features without a reference are ignored."""
    position = {name: i for i, name in enumerate(names)}
    chance = 1 / max(machines, 1) + 1 / max(then.machines, 1)
    moved = {
        name: psi(described, features[:, position[name]].astype(np.float64), chance=chance)
        for name, described in then.features.items()
        if name in position
    }
    return Drift(moved, psi(then.probability, probability, chance=chance), len(features), machines)


def psi(then: Bins, values: Floats, *, chance: float = 0.0) -> float:
    """The index of values against bins, never below 0.

    `chance` is the sum of one over each side's number of independent values: the expected index is this times the
    number of bins less one (the index is a symmetric chi-square, B. Yurdakul, 2018).
    """
    if len(values) == 0:
        return 0.0
    before, now = np.array(then.shares), _shares(values, then.edges)
    used = (before > 0) | (now > 0)
    floor = 0.5 / max(len(values), 1000)  # avoid infinity for an empty bin
    before, now = np.maximum(before[used], floor), np.maximum(now[used], floor)
    index = float(((now - before) * np.log(now / before)).sum())
    return max(index - chance * (int(used.sum()) - 1), 0.0)


def _shares(values: Floats, edges: tuple[float, ...]) -> Floats:
    is_finite = np.isfinite(values)
    place = np.where(is_finite, np.searchsorted(edges, values, side="left"), len(edges) + 1)
    counts = np.bincount(place, minlength=len(edges) + 2)
    return np.asarray(counts / max(len(values), 1), dtype=np.float64)
