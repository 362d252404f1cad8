"""A plant's own past as a table."""

import numpy as np
import pytest
from msgspec.structs import replace as changed

from ml.datasets.stored_history import look_back, spec_for, tables
from ml.datasets.tabulate import tabulate
from ml.retraining.challenge import NEWEST_SHARE
from testkit.builders.recordings import START, a_worn_recording
from testkit.builders.retraining import a_history


def test_the_table_is_the_same_however_many_machines_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by reading some machines at a time, and nothing but memory depends on it."""
    history = a_history()
    spec, interval = spec_for(history)
    whole, _ = tables(history, spec, interval=interval, rows=10**9)
    monkeypatch.setattr("ml.datasets.stored_history.TOGETHER", 3)
    parts, _ = tables(history, spec, interval=interval, rows=10**9)
    first, second = (np.lexsort((table.at_ms, table.device)) for table in (whole, parts))
    for column in ("device", "at_ms", "features", "label"):
        np.testing.assert_array_equal(getattr(whole, column)[first], getattr(parts, column)[second])
    for table in (whole, parts):
        named = table.events[table.event[table.event >= 0]]
        assert (named[:, 0] == table.device[table.event >= 0]).all()
    assert len(whole.events) == len(parts.events)


def test_a_champion_needs_to_look_back_only_as_far_as_its_features_do() -> None:
    """What it sees of the newest block is what it would see with all of the past."""
    recording = a_worn_recording(devices=3, hours=480, seed=4)
    history = a_history(recording, events=recording.events)
    spec, interval = spec_for(history)
    narrow = changed(spec, windows=(2, 4, 8), baseline_blocks=5)
    since = history.lately(NEWEST_SHARE)
    reach = look_back(narrow)
    assert reach is not None
    assert since - reach > START
    _, seen = tables(history, spec, interval=interval, rows=10**9, champion=narrow, champion_since=since)
    whole = tabulate(recording, narrow)
    late = whole.where(whole.at_ms >= since.timestamp() * 1000)
    assert seen is not None
    np.testing.assert_array_equal(seen.at_ms, late.at_ms)
    np.testing.assert_allclose(seen.features, late.features, rtol=1e-5, atol=1e-5)
