from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from energytrack.events import FaultCode
from energytrack.recording import Recording
from ml.datasets.tabulate import tabulate
from ml.features.device_rows import Nameplate
from ml.features.window import Window
from testkit.builders.recordings import START, START_MS, a_spec, a_worn_recording

MINUTE = 60_000
SPEC = a_spec()
Reading = tuple[int, int, float]
"""Device, second, temperature."""
READINGS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 40 * 60), st.floats(-50, 150)), min_size=1, max_size=60,
    unique_by=lambda reading: reading[:2],
)  # fmt: skip


def looked(readings: Sequence[Reading], batches: int = 1) -> npt.NDArray[np.float32]:
    """Features of three devices at minute 40, the readings having come in so many batches."""
    window = Window(SPEC)
    rows = window.rows(["a", "b", "c"], lambda _: Nameplate("press", 2.0))
    for part in np.array_split(np.arange(len(readings)), batches):
        chosen = [readings[i] for i in part]
        at = START_MS + np.array([second for _, second, _ in chosen], dtype=np.int64) * 1000
        device = np.array([device for device, _, _ in chosen], dtype=np.int64)
        values = np.array([(value, 5.0 + 0.01 * value, 12.0) for _, _, value in chosen], dtype=np.float64).reshape(
            -1, 3
        )
        for this in window.rounds(at):
            window.add(device[this], at[this], values[this])
            window.look(device[this], at[this])  # whatever it keeps in mind must not outlive late readings
    return window.look(rows, np.full(3, START_MS + 40 * MINUTE)).features


@given(READINGS, st.randoms(use_true_random=False), st.integers(1, 5))
@settings(deadline=None)
def test_order_and_batching_do_not_matter(readings: list[Reading], chance, batches: int) -> None:  # type: ignore[no-untyped-def]
    """Late and reordered readings lead to the same features."""
    shuffled = readings.copy()
    chance.shuffle(shuffled)
    np.testing.assert_allclose(looked(readings), looked(shuffled, batches), rtol=1e-4, atol=1e-4)


@given(READINGS, st.integers(0, 59))
@settings(deadline=None)
def test_a_replayed_message_changes_nothing(readings: list[Reading], which: int) -> None:
    """What is polled again after a crash counts once."""
    again = [*readings, readings[which % len(readings)], *readings]
    np.testing.assert_array_equal(looked(readings), looked(again))


@given(READINGS, st.integers(1, 1000), st.floats(-50, 150))
@settings(deadline=None)
def test_the_future_does_not_change_the_past(readings: list[Reading], seconds: int, value: float) -> None:
    """Readings after a moment leave its features as they are."""
    future = (0, 40 * 60 + seconds, value)
    np.testing.assert_array_equal(looked(readings), looked([*readings, future]))


def cut(recording: Recording, until_ms: int) -> Recording:
    """The recording as it was at a moment."""
    rows = recording.timestamp <= until_ms
    return Recording(**{
        **recording.__dict__,
        "device": recording.device[rows],
        "timestamp": recording.timestamp[rows],
        "values": {name: column[rows] for name, column in recording.values.items()},
        "events": tuple(e for e in recording.events if e.timestamp.timestamp() * 1000 <= until_ms),
    })  # fmt: skip


@given(st.integers(30, 200), st.integers(0, 5))
@settings(deadline=None, max_examples=15)
def test_a_table_of_the_past_is_the_past_of_the_table(hours: int, seed: int) -> None:
    """No label, event or reading of the future leaks into features: cutting it off leaves the rest unchanged."""
    recording = a_worn_recording(devices=3, seed=seed)
    spec = a_spec(bucket_seconds=3600.0)
    until = START_MS + hours * 3_600_000
    whole, known = tabulate(recording, spec), tabulate(cut(recording, until), spec)
    features = {(d, t): row for d, t, row in zip(whole.device, whole.at_ms, whole.features, strict=True)}
    assert len(known) > 0
    for d, t, row in zip(known.device, known.at_ms, known.features, strict=True):
        np.testing.assert_array_equal(features.get((d, t), row), row)


@given(st.integers(0, 5), st.integers(1, 40))
@settings(deadline=None, max_examples=15)
def test_online_features_equal_offline_ones(seed: int, size: int) -> None:
    """The table of a recording holds what scoring it live, poll by poll, sees."""
    assert_equal_online(a_worn_recording(devices=3, hours=100, seed=seed), size)


@given(st.integers(0, 5), st.sampled_from([2, 7, 20, 60]), st.integers(1, 40))
@settings(deadline=None, max_examples=8)
def test_they_are_equal_where_a_controller_chatters(seed: int, minutes: int, size: int) -> None:
    """A code every few minutes is more than the window keeps; in training, too, later ones must not push it out."""
    calm = a_worn_recording(devices=2, hours=80, seed=seed)
    chatter = tuple(
        FaultCode(event_id="", device_id="cnc-0000", timestamp=START + timedelta(minutes=m), code="hot")
        for m in range(20 * 60, 60 * 60, minutes)
    )
    events = tuple(sorted((*calm.events, *chatter), key=lambda event: event.timestamp))
    assert_equal_online(replace(calm, events=events), size)


def assert_equal_online(recording: Recording, size: int) -> None:
    """Of polls of so many readings."""
    spec = a_spec(bucket_seconds=3600.0)
    table = tabulate(recording, spec)
    offline = {(d, t): row for d, t, row in zip(table.device, table.at_ms, table.features, strict=True)}
    window = Window(spec)
    plates = {d.device_id: Nameplate(d.device_type, d.age_years) for d in recording.devices}
    row = window.rows(list(plates), plates.__getitem__)
    events = list(recording.events)
    compared = 0
    for start in range(0, len(recording), size):
        at = recording.timestamp[start : start + size]
        device = row[recording.device[start : start + size]]
        values = np.column_stack([recording.values[signal][start : start + size] for signal in spec.signals])
        for this in (np.flatnonzero(at == moment) for moment in np.unique(at)):
            while events and events[0].timestamp.timestamp() * 1000 <= at[this[0]]:  # they come first
                window.note(int(row[list(plates).index(events[0].device_id)]), events[0])
                del events[0]
            window.add(device[this], at[this], values[this])
            seen = window.look(device[this], at[this])
            for d, t, online in zip(device[this], at[this], seen.features, strict=True):
                if (d, t) in offline:
                    compared += 1
                    np.testing.assert_allclose(online, offline[d, t], rtol=1e-5, atol=1e-5)
    assert compared == len(table)
