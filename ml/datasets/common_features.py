"""Training on several recordings for machines of another one: only what they have in common is used."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from energytrack.errors import EnergyTrackError
from energytrack.recording import Recording
from ml.datasets.tabulate import MOST_CODES, MOST_COMPONENTS, describe
from ml.features.spec import FeatureSpec


@dataclass(eq=False)
class IncompatibleRecordings(EnergyTrackError):
    """Recordings that share no signal, or some with failures and others with labelled ranges."""

    names: tuple[str, ...]
    problem: str

    def __str__(self) -> str:
        return f"{', '.join(self.names)} cannot be evaluated together: {self.problem}"


@dataclass(eq=False)
class SameMachines(EnergyTrackError):
    """A machine occurs in training and test data at the same time."""

    device_id: str
    learn: str
    test: str

    def __str__(self) -> str:
        return (
            f"{self.device_id} is in {self.learn} and in {self.test} at the same time: this would only test memory. If "
            "they are different machines of one name, import one recording with other names, or with another --starts"
        )


def common_spec(learn: Sequence[Recording], test: Recording) -> FeatureSpec:
    """Features that all recordings support; their vocabulary comes from the training recordings only.

    Raises NothingInCommon if there is none, and SameMachines if a test would measure memory.
    """
    every = (*learn, test)
    names = tuple(recording.name for recording in every)
    if len({_labelled(recording) for recording in every}) > 1:
        raise IncompatibleRecordings(names, "some record failures, others labelled ranges")
    for recording in learn:
        _apart(recording, test)
    tested = describe(test)
    bucket = max(describe(recording).bucket_seconds for recording in every)
    specs = [describe(recording, bucket_seconds=bucket) for recording in learn]
    signals = tuple(s for s in tested.signals if all(s in spec.signals for spec in specs))
    if not signals:
        raise IncompatibleRecordings(names, "they share no signal")
    floors = [[spec.floors[spec.signals.index(signal)] for signal in signals] for spec in specs]
    return replace(
        specs[0],
        signals=signals,
        floors=tuple(np.mean(floors, axis=0).tolist()),
        codes=_union([spec.codes for spec in specs])[:MOST_CODES],
        components=_union([spec.components for spec in specs])[:MOST_COMPONENTS],
        device_types=_union([spec.device_types for spec in specs]),
    )


def _labelled(recording: Recording) -> bool:
    return recording.horizon_hours is None and bool(recording.labels)


def _union(words: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({word for some in words for word in some}))


def _apart(learn: Recording, test: Recording) -> None:
    spans = {learn.devices[i].device_id: span for i, span in _spans(learn).items()}
    for i, (first, last) in _spans(test).items():
        name = test.devices[i].device_id
        since, until = spans.get(name, (last + 1, first - 1))
        if since <= last and first <= until:
            raise SameMachines(name, learn.name, test.name)


def _spans(recording: Recording) -> dict[int, tuple[int, int]]:
    """First and last time of each device, by its index; readings are sorted by time."""
    devices, first = np.unique(recording.device, return_index=True)
    last = len(recording) - 1 - np.unique(recording.device[::-1], return_index=True)[1]
    at = recording.timestamp
    return {d: (int(at[a]), int(at[b])) for d, a, b in zip(devices.tolist(), first, last, strict=True)}
