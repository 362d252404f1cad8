"""Compares some machines' last day with the champion's training data."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

import numpy as np

from energytrack.plant import Device
from ml.arrays import Matrix
from ml.datasets.stored_history import History, look_back, recorded, since_moment
from ml.datasets.table import Table
from ml.datasets.tabulate import tabulate
from ml.measures.drift import Drift, Reference, measure
from ml.models.card import Champion
from ml.models.estimators import columns

DAY: Final = timedelta(days=1)
EVERY_SECONDS: Final = 900.0
"""A machine is sampled every quarter of an hour: times in between are similar."""

NO_HORIZON: Final = 1 / 3600
"""Labels are not needed here, and must not exclude rows whose future is still unknown."""


def look(history: History, champion: Champion, *, machines: int, rng: np.random.Generator) -> Drift | None:
    """The drift of the last day of some machines, drawn at random.

    None if it is unknown: the model's card has no reference, or there is less than half of the history that features
    need. Raises StoreUnavailable.
    """
    then, spec = champion.card.reference, champion.card.spec
    reach = look_back(spec)
    since = history.until - DAY
    if not isinstance(then, Reference) or reach is None or history.since > since - reach / 2:
        return None
    some = _drawn(history.devices, machines, rng)
    means = history.read([device.device_id for device in some], since - reach, history.until)
    recording = since_moment(recorded(history, some, means), spec, since)
    recording = replace(recording, horizon_hours=NO_HORIZON, interval_seconds=spec.bucket_seconds)
    table = tabulate(recording, spec, stride=max(1, round(EVERY_SECONDS / spec.bucket_seconds)))
    lately = table.where(table.at_ms >= since.timestamp() * 1000)
    if len(lately) == 0:
        return None
    features = _own(lately, champion)
    probability = champion.model.probabilities(features)
    seen = len(np.unique(lately.device))
    return measure(then, features, champion.model.features, probability, machines=seen)


def _own(table: Table, champion: Champion) -> Matrix:
    features: Matrix = table.features[:, columns(table.spec.names, champion.model.features)]
    return features


def _drawn(devices: Sequence[Device], count: int, rng: np.random.Generator) -> list[Device]:
    chosen = rng.permutation(len(devices))[:count]
    return [devices[i] for i in sorted(chosen.tolist())]
