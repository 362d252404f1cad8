"""How far measures can be trusted."""

import numpy as np
from msgspec.structs import asdict

from ml.datasets.splits import by_time
from ml.datasets.table import Table
from ml.measures.alarms import failure_rule
from ml.measures.intervals import bootstrap, bootstrap_alarms
from ml.measures.quality import (
    measure_alarms,
    measure_probabilities,
)


def test_an_interval_holds_the_measure(table: Table) -> None:
    """Failures are drawn whole, so it is wide where there are few."""
    rows = table.where(by_time(table).test)
    score = np.clip(rows.label + 0.3 * np.random.default_rng(0).normal(size=len(rows)), 0, 1)
    found = bootstrap(rows, score, rounds=50)
    for name, value in asdict(measure_probabilities(rows.label, score)).items():
        low, high = found[name]
        assert low <= value <= high
    one = measure_alarms(rows, score, failure_rule(0.5))
    low, high = bootstrap_alarms(one)["event_recall"]
    assert low <= one.recall <= high
