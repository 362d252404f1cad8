"""The precision of quality measures: 95 % intervals by resampling failures and machine-days."""

import numpy as np
from msgspec.structs import astuple
from sklearn import config_context

from ml.arrays import Floats
from ml.datasets.table import Table
from ml.measures.quality import AlarmQuality, ProbabilityQuality, measure_probabilities

Interval = tuple[float, float]
"""95 % of other samples of the same size lie between these quantiles."""


def bootstrap(table: Table, probability: Floats, *, rounds: int = 100, seed: int = 0) -> dict[str, Interval]:
    """95 % intervals of the measures of rows, by name: failures, and machine-days without one, are resampled.

    Rows of one failure are not independent, so resampling single rows would give far too narrow intervals.
    """
    rng = np.random.default_rng(seed)
    day = table.device << 32 | table.at_ms // 86_400_000
    ids, group = np.unique(np.where(table.event >= 0, -1 - table.event, day), return_inverse=True)
    sides = [side for side in (np.flatnonzero(ids < 0), np.flatnonzero(ids >= 0)) if len(side)]
    samples = []
    with config_context(assume_finite=True, skip_parameter_validation=True):  # the same rows every time
        for _ in range(rounds):
            drawn = np.concatenate([rng.choice(side, len(side)) for side in sides])
            weight = np.bincount(drawn, minlength=len(ids)).astype(np.float64)[group]
            samples.append(astuple(measure_probabilities(table.label, probability, weight)))
    columns = np.array(samples).T
    return {name: _interval(column) for name, column in zip(ProbabilityQuality.__struct_fields__, columns, strict=True)}


def bootstrap_alarms(alarms: AlarmQuality, *, rounds: int = 1000, seed: int = 0) -> dict[str, Interval]:
    """95 % intervals of recall and lead time; failures are resampled."""
    if not alarms.caught:
        return {}
    rng = np.random.default_rng(seed)
    hours = np.append(alarms.lead_hours, np.full(alarms.events - alarms.caught, np.nan))
    drawn = hours[rng.integers(0, alarms.events, (rounds, alarms.events))]
    recall = np.isfinite(drawn).mean(axis=1)
    median, p10 = np.nanquantile(drawn[recall > 0], (0.5, 0.1), axis=1)
    named = {"event_recall": recall, "lead_hours_median": median, "lead_hours_p10": p10}
    return {name: _interval(values) for name, values in named.items()}


def _interval(values: Floats) -> Interval:
    low, high = np.quantile(values, (0.025, 0.975)).tolist()
    return low, high
