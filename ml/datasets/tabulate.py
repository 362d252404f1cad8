"""History as a table: the live window replayed over a recording, with labels."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from energytrack.events import FaultCode, MaintenanceDone
from energytrack.recording import Label, Recording
from ml.arrays import Floats, Integers, Mask
from ml.datasets.history_replay import replayed
from ml.datasets.labels import EXCLUDED, RowLabels, from_failures, from_stretches
from ml.datasets.table import Table
from ml.datasets.verdicts import VerdictLabels
from ml.features.recent_events import NEVER
from ml.features.spec import FeatureSpec
from ml.features.window import LEAST_FILLED
from ml.progress import Tick

NOT_SIGNALS: Final = ("energy_kwh",)
"""Columns of a recording that do not depend on a machine's health: a register only ever rises."""
MOST_CODES: Final = 32
MOST_COMPONENTS: Final = 16
DEFAULT_HORIZON_HOURS: Final = 24.0
REPAIR_HORIZONS: Final = (1 / 24, 1 / 4, 1.0, 3.0, 7.0)
"""Time spans, in horizons, over which the fault codes since a machine's last repair are counted."""
HIDDEN_SHARE: Final = 0.25
"""The share of training rows that are repeated with only part of their history, like those of a new machine."""
SOUND_ROWS_PER_ROW: Final = 8
"""During alarms with the verdict "false", the table takes this multiple of the usual number of rows."""
NO_VERDICTS: Final = VerdictLabels()


def describe(recording: Recording, *, bucket_seconds: float | None = None, until_ms: int | None = None) -> FeatureSpec:
    """The features for a recording, with the vocabulary of its events before `until_ms`.

    Failures are predicted from minutes (or the recording's own, longer interval), labelled ranges recognised from
    seconds.
    """
    least = 60.0 if recording.horizon_hours is not None or not recording.labels else 1.0
    events = [e for e in recording.events if until_ms is None or e.timestamp.timestamp() * 1000 < until_ms]
    codes = Counter(event.code for event in events if isinstance(event, FaultCode))
    components = Counter(event.component for event in events if isinstance(event, MaintenanceDone))
    signals = signals_of(recording)
    return FeatureSpec(
        signals=signals,
        bucket_seconds=bucket_seconds or max(least, recording.interval_seconds),
        floors=tuple(_floor(recording.values[signal]) for signal in signals),
        codes=tuple(sorted(code for code, _ in codes.most_common(MOST_CODES))),
        repair_hours=tuple(
            horizons * (recording.horizon_hours or DEFAULT_HORIZON_HOURS) for horizons in REPAIR_HORIZONS
        ),
        components=tuple(sorted(component for component, _ in components.most_common(MOST_COMPONENTS))),
        device_types=tuple(sorted({device.device_type for device in recording.devices})),
    )


def signals_of(recording: Recording) -> tuple[str, ...]:
    """The recording's signals that a model may use."""
    return tuple(signal for signal in recording.values if signal not in NOT_SIGNALS)


def outcomes(
    recording: Recording, *, spec: FeatureSpec, verdicts: VerdictLabels = NO_VERDICTS
) -> tuple[RowLabels, int]:
    """Labels of every reading, and the horizon in milliseconds (0 for labelled ranges)."""
    index = {device.device_id: i for i, device in enumerate(recording.devices)}
    device = recording.device.astype(np.int64)
    if recording.labels and recording.horizon_hours is None:
        return from_stretches(device, recording.timestamp, recording.labels, index), 0
    horizon_ms = round((recording.horizon_hours or DEFAULT_HORIZON_HOURS) * 3.6e6)
    events = [event for event in (*recording.events, *verdicts.prevented) if event.device_id in index]
    settle_ms = spec.windows[0] * spec.bucket_ms
    labels = from_failures(device, recording.timestamp, events, index, horizon_ms=horizon_ms, settle_ms=settle_ms)
    return labels, horizon_ms


def tabulate(
    recording: Recording,
    spec: FeatureSpec,
    *,
    rows: int = 1 << 62,
    stride: int | None = None,
    hide: np.random.Generator | None = None,
    verdicts: VerdictLabels = NO_VERDICTS,
    progress: Tick = lambda _: None,
) -> Table:
    """The recording as a table of about `rows` rows (or of every `stride`-th), at regular times of each device.

    With `hide`, a share of them is repeated, computed from only the last part of their history, of random length.
    Failures that technicians prevented, by their `verdicts`, are labels like others; times of false alarms are sampled
    more often.
    """
    labels, horizon_ms = outcomes(recording, spec=spec, verdicts=verdicts)
    interval_ms = max(round(recording.interval_seconds * 1000), 1)
    # The number of each reading's interval; machines are shifted, so that not all are sampled at the same time.
    number = -(-recording.timestamp // interval_ms) + recording.device * 7
    stride = stride or max(1, -(-len(recording) // rows))
    regular = np.flatnonzero((number % stride == 0) & (labels.label != EXCLUDED))
    # Three kinds of rows, each with its start of visible history: regular, young, and from verdicts "false alarm".
    parts = [(regular, np.full(len(regular), NEVER))]
    if hide is not None:
        young = regular[hide.random(len(regular)) < HIDDEN_SHARE]
        parts.append((young, _since_lately(recording, spec, young, hide)))
    if verdicts.sound:
        dense = number % max(stride // SOUND_ROWS_PER_ROW, 1) == 0
        sound = np.flatnonzero(_within(recording, verdicts.sound) & (labels.label == 0) & dense)
        parts.append((sound, np.full(len(sound), NEVER)))
    rows_of_parts = np.concatenate([part for part, _ in parts])
    order = np.argsort(rows_of_parts, kind="stable")  # by time, like the recording
    chosen, since_ms = rows_of_parts[order], np.concatenate([since for _, since in parts])[order]
    training_only = order >= len(regular)
    features = np.empty((len(chosen), len(spec.names)), dtype=np.float32)
    filled = np.empty(len(chosen), dtype=np.int64)
    for part, window_features in replayed(recording, spec, chosen, since_ms, progress):
        features[part], filled[part] = window_features.features, window_features.filled
    kept = filled >= LEAST_FILLED
    row = chosen[kept]
    return Table(
        spec=spec,
        horizon_ms=horizon_ms,
        step_ms=interval_ms * stride,
        devices=tuple(device.device_id for device in recording.devices),
        device_types=tuple(device.device_type for device in recording.devices),
        device=recording.device[row].astype(np.int64),
        at_ms=recording.timestamp[row],
        features=features[kept],
        label=labels.label[row],
        event=labels.event[row],
        events=labels.events,
        kinds=labels.kinds,
        components=labels.components,
        training_only=training_only[kept],
    )


def _within(recording: Recording, stretches: Sequence[Label]) -> Mask:
    index = {device.device_id: i for i, device in enumerate(recording.devices)}
    relevant = [stretch for stretch in stretches if stretch.device_id in index]
    inside = from_stretches(recording.device.astype(np.int64), recording.timestamp, relevant, index)
    return np.asarray(inside.label == 1)


def _since_lately(recording: Recording, spec: FeatureSpec, young: Integers, rng: np.random.Generator) -> Integers:
    """Start of the visible history of each of these rows: the last part of it, of random length."""
    longest = spec.windows[-1] * (spec.baseline_blocks + 1)
    length = np.exp(rng.uniform(np.log(LEAST_FILLED + 1), np.log(longest), len(young))) * spec.bucket_ms
    since: Integers = recording.timestamp[young] - length.astype(np.int64)
    return since


def _floor(values: Floats) -> float:
    """2 % of the signal's standard deviation over all machines; 1 if it never changes."""
    finite = values[np.isfinite(values)]
    spread = float(finite.std()) if len(finite) else 0.0
    return 0.02 * spread or 1.0
