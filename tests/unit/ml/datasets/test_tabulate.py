"""Recordings become tables."""

from dataclasses import replace

import numpy as np

from energytrack.recording import Label, Recording
from ml.datasets.splits import by_machine, by_time
from ml.datasets.table import Table
from ml.datasets.tabulate import describe, tabulate
from testkit.builders.messages import NOW
from testkit.builders.recordings import START_MS

HOUR = 3_600_000


def test_the_features_are_described_from_the_recording(recording: Recording) -> None:
    """Its signals, codes, components and types; buckets as long as its interval."""
    spec = describe(recording)
    assert spec.signals == ("temperature", "pressure", "current")
    assert spec.codes == ("door", "hot")
    assert spec.components == ("bearing",)
    assert spec.device_types == ("cnc_machine", "press")
    assert spec.bucket_seconds == 3600.0


def test_the_vocabulary_does_not_know_the_future(recording: Recording) -> None:
    """What first arrived after a moment is not in a spec of that moment."""
    assert describe(recording, until_ms=START_MS).codes == ()


def test_warnings_since_a_repair_are_counted_over_spans_of_the_horizon(recording: Recording) -> None:
    """Where wear runs 72 times as fast as in reality, a model looks 20 minutes ahead, and back accordingly."""
    names = describe(recording).codes_since_repair
    assert names == tuple(f"codes_since_repair_{span}" for span in ("1h", "6h", "24h", "72h", "168h"))
    fast = describe(replace(recording, horizon_hours=1 / 3)).codes_since_repair
    assert fast == tuple(f"codes_since_repair_{span}" for span in ("50s", "5m", "20m", "1h", "140m"))


def test_fewer_rows_are_taken_at_regular_moments(recording: Recording) -> None:
    """Each row stands for a stretch of time, and each machine has about as many."""
    thinned = tabulate(recording, describe(recording), rows=len(recording) // 6)
    assert thinned.step_ms == 6 * HOUR
    for device in range(10):
        at = thinned.at_ms[thinned.device == device]
        assert set(np.diff(at) % (6 * HOUR)) == {0}


def test_young_rows_see_less_and_only_train(table: Table) -> None:
    """They teach what a short history looks like."""
    young = table.where(table.training_only)
    assert 0.1 < len(young) / len(table) < 0.3
    name = table.spec.names.index("temperature_shift")
    assert np.isnan(young.features[:, name]).mean() > np.isnan(table.features[~table.training_only, name]).mean()
    for split in (by_time(table), *by_machine(table, folds=3, seed=0)):
        assert not (table.training_only & (split.validate | split.test)).any()


def test_labelled_stretches_are_recognised_in_seconds(recording: Recording) -> None:
    """A recording with labels in place of failures gets buckets of its own interval, and no horizon."""
    labelled = Recording(**{
        **recording.__dict__,
        "horizon_hours": None,
        "interval_seconds": 1.0,
        "labels": (Label("cnc-0001", NOW, NOW, "abnormal"),),
    })  # fmt: skip
    assert describe(labelled).bucket_seconds == 1.0
    assert tabulate(labelled, describe(recording)).horizon_ms == 0
