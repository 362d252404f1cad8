"""The window: everything that is stored of each device, and the features computed from it.

The same window scores live and builds training tables. The features at a time come from buckets of readings that were
complete by then and from events up to then: nothing later changes them. All statistics are of bucket means, so a
machine read every second and one with only one reading a minute give comparable features.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from energytrack.events import DeviceEvent
from ml.arrays import Floats, Integers, Mask, Matrix, enlarged, pair_keys, unpaired
from ml.features.buckets import NOTHING, BucketRing
from ml.features.device_rows import DeviceRows, Nameplate
from ml.features.event_features import EventFeatures
from ml.features.feature_cache import FeatureCache
from ml.features.recent_events import NEVER
from ml.features.spec import FeatureSpec
from ml.features.statistics import window_statistics
from ml.features.usual_range import LAG, BlockRing

ROUND: Final = 64
"""A round of readings spans at most this many buckets, so the ring buffer holds the history of all of them."""
LEAST_FILLED: Final = 3
"""With fewer filled buckets than this there is no probability."""


REFERENCE_LAG: Final = 10
"""How many blocks ago the state was that a machine is compared with, if its initial state is used at first."""


def _blocks_kept(spec: FeatureSpec) -> int:
    lag = LAG + (REFERENCE_LAG if spec.reference_blocks else 0)
    return spec.baseline_blocks + ROUND // spec.windows[-1] + lag + 2


@dataclass(frozen=True, eq=False)
class WindowFeatures:
    """The window's result for M readings."""

    features: Matrix
    """[M, features] in the order of the spec's names."""
    filled: Integers
    """[M], how many buckets of the longest window are filled."""


class Window:
    """Bounded state per device, in arrays; a device gets its row when it first occurs."""

    def __init__(self, spec: FeatureSpec, *, devices: int = 64) -> None:
        self.spec = spec
        self._devices = DeviceRows(devices, spec.device_types)
        length, signals = spec.windows[-1], len(spec.signals)
        self._buckets = BucketRing(devices, signals=signals, bucket_ms=spec.bucket_ms, slots=length + ROUND + 4)
        self._blocks = BlockRing(devices, signals=signals, blocks=_blocks_kept(spec))
        self._reference = BlockRing(devices, signals=signals, blocks=max(spec.reference_blocks, 1))
        self._first_block = np.full(devices, NOTHING, dtype=np.int64)
        """[devices], the first block of each device; `_reference` blocks follow it."""
        self._events = EventFeatures(devices)
        self._filed = np.full(devices, NOTHING, dtype=np.int64)
        """[devices], the newest block that was summed up into `_blocks`."""
        self._cache = FeatureCache(devices, features=spec.of_readings)

    def adopt(self, spec: FeatureSpec) -> bool:
        """Use another spec from now on; False if that needs history that was not kept."""
        for field in ("signals", "bucket_seconds", "windows", "baseline_blocks", "reference_blocks"):
            if getattr(spec, field) != getattr(self.spec, field):
                return False
        self.spec = spec
        self._devices.describe_by(spec.device_types)
        self._cache.clear(slice(None))
        return True

    def __len__(self) -> int:
        return len(self._devices)

    def devices(self) -> tuple[str, ...]:
        """The devices that have a row."""
        return self._devices.names()

    def rows(self, device_ids: Sequence[str], nameplate: Callable[[str], Nameplate]) -> Integers:
        """The devices' rows; a new device gets a row, and its nameplate is looked up."""
        return self._devices.rows(device_ids, nameplate, self._grow)

    def forget(self, device_ids: Iterable[str]) -> Integers:
        """Forget devices that moved to another consumer; returns the rows that they had."""
        gone = self._devices.forget(device_ids)
        for part in self._parts():
            part.clear(gone)
        self._filed[gone] = self._first_block[gone] = NOTHING
        return gone

    def note(self, device: int, event: DeviceEvent) -> None:
        """Store an event; kinds that no feature uses are ignored."""
        self._events.note(device, event)

    def rounds(self, at_ms: Integers) -> Iterator[Integers]:
        """Indices of readings, split into rounds, oldest first: each must be added and evaluated before the next."""
        round_of_reading = -(-at_ms // (self.spec.bucket_ms * ROUND))
        if len(round_of_reading) and round_of_reading.min() == round_of_reading.max():
            yield np.arange(len(round_of_reading))
            return
        for which in np.unique(round_of_reading):
            yield np.flatnonzero(round_of_reading == which)

    def add(self, device: Integers, at_ms: Integers, values: Floats) -> Integers:
        """Add a round of readings, values being [n, signals]; returns those that counted, each time once."""
        bucket = -(-at_ms // self.spec.bucket_ms)
        block = (bucket - 1) // self.spec.windows[-1]
        self._file_newest(device[block > self._newest_block(device)])
        counted = self._buckets.add(device, at_ms, values)
        self._refile(device[counted], block[counted])
        self._cache.changed(device[counted], bucket[counted])
        return counted

    def heard_after(self, device: Integers, moment_ms: int) -> Mask:
        """[n], whether each device sent a reading, by its own clock, after this moment."""
        return self._buckets.heard_after(device, moment_ms)

    def forget_from(self, device: Integers, moment_ms: Integers) -> None:
        """Accept readings of devices from these moments on again, [n] each: a clock that was set back repeats them."""
        self._buckets.forget_from(device, moment_ms)
        self._filed[device] = np.minimum(self._filed[device], self._newest_block(device))
        self._cache.clear(device)

    def recall(self, device: int, at_ms: Integers, means: Floats) -> None:
        """Add stored history of a device: ends of buckets, oldest first, and their means.

        What no longer fits the ring buffer is used for the usual range only.
        """
        length = self.spec.windows[-1]
        bucket = -(-at_ms // self.spec.bucket_ms)
        block = (bucket - 1) // length
        newest = max(int(self._buckets.newest[device]), int(bucket.max(initial=NOTHING)))
        near = block * length >= newest - length - ROUND
        blocks, place = np.unique(block[~near], return_inverse=True)
        whole = np.full((len(blocks), length, len(self.spec.signals)), np.nan)
        whole[place, (bucket[~near] - 1) % length] = means[~near]
        self._blocks.put(np.full(len(blocks), device), blocks, whole)
        devices = np.full(len(at_ms), device)
        for rows in self.rounds(at_ms[near]):
            self.add(devices[rows], at_ms[near][rows], means[near][rows])
        self._cache.clear(device)

    def _newest_block(self, device: Integers) -> Integers:
        return (self._buckets.newest[device] - 1) // self.spec.windows[-1]

    def _file_newest(self, device: Integers) -> None:
        """Sum the newest block of devices, now complete, for the usual range."""
        device = np.unique(device[self._newest_block(device) > self._filed[device]])
        self._file(device, self._newest_block(device))

    def _refile(self, device: Integers, block: Integers) -> None:
        """Sum blocks again that were already complete when readings arrived for them, [n] devices and blocks.

        Late readings change an earlier block; and much history that arrives at once completes several blocks.
        """
        complete = (block <= self._filed[device]) | (block < self._newest_block(device))
        if complete.any():
            self._file(*unpaired(np.unique(pair_keys(device[complete], block[complete]))))

    def _file(self, device: Integers, block: Integers) -> None:
        """Sum blocks, [n] devices and blocks, sorted by device and block."""
        if len(device):
            length = self.spec.windows[-1]
            np.maximum.at(self._filed, device, block)
            means = self._buckets.means(device, (block + 1) * length, length)
            self._blocks.put(device, block, means)
            if self.spec.reference_blocks:
                new = np.flatnonzero(self._first_block[device] == NOTHING)[::-1]  # the oldest of a device comes last
                self._first_block[device[new]] = block[new]
                first = self._first_block[device]
                early = (block >= first) & (block < first + self.spec.reference_blocks)
                self._reference.put(device[early], block[early], means[early])

    def mark(self, device: Integers, at_ms: Integers) -> Integers:
        """Mark readings as scored; returns those that were the first of their unit of time."""
        return self._buckets.mark(device, at_ms)

    def look(self, device: Integers, at_ms: Integers, *, since_ms: Integers | None = None) -> WindowFeatures:
        """The features of devices at given times, from what was added; nothing before `since_ms` is used, if given."""
        bucket = at_ms // self.spec.bucket_ms
        if since_ms is None:
            of_readings, filled = self._cache.get(device, bucket, self._of_all_readings)
            since_ms = np.full(len(device), NEVER)
        else:
            of_readings, filled = self._of_readings(device, bucket, -(-since_ms // self.spec.bucket_ms) + 1)
        features = np.concatenate(
            [of_readings, self._events.look(self.spec, device, at_ms, since_ms), self._devices.static[device]], axis=1
        )
        return WindowFeatures(features.astype(np.float32), filled)

    def _of_all_readings(self, device: Integers, bucket: Integers) -> tuple[Floats, Integers]:
        return self._of_readings(device, bucket, np.full(len(device), NEVER))

    def _of_readings(self, device: Integers, bucket: Integers, since: Integers) -> tuple[Floats, Integers]:
        """Means, statistics and shifts of the windows that end with each bucket, and the number of filled buckets.

        All arguments are [M]; `since` is the first visible bucket. Returns [M, features of readings] and [M].
        """
        windows = self.spec.windows
        self._file_newest(device[self._newest_block(device) < bucket // windows[-1]])
        means = self._buckets.means(device, bucket, windows[-1])  # [M, buckets, signals], youngest bucket first
        means[bucket[:, None] - np.arange(windows[-1]) < since[:, None]] = np.nan
        statistics = window_statistics(means, windows)  # [M, signals, windows, statistics]
        recent = statistics[:, :, self.spec.middle, 0]  # [M, signals], what is compared with the usual range
        block, since_block = bucket // windows[-1], -(-(since - 1) // windows[-1])
        usual = self._blocks.usual(
            device, block, since=since_block, reach=self.spec.baseline_blocks, floors=np.array(self.spec.floors)
        )
        shift = usual.shift(recent)
        features = np.concatenate(
            [  # in the order of FeatureSpec.names
                means[:, 0],
                statistics.reshape(len(device), -1),
                shift,
                np.fmax.reduce(np.abs(shift), axis=1, keepdims=True),
                usual.distance(recent)[:, None],
                *self._departures(device, block, since_block, (recent, statistics[:, :, -1, 0])),
            ],
            axis=1,
        )
        return features, np.isfinite(means).any(axis=2).sum(axis=1)

    def _departures(
        self, device: Integers, block: Integers, since: Integers, observed: Sequence[Floats]
    ) -> list[Floats]:
        """How far the `observed` means, [M, signals] each, are from the machine's earlier state; NaN if unknown.

        That is its initial state, which is assumed to be sound; once it has run for long enough, its state some blocks
        ago: sound machines drift as they warm up and their surroundings change, and faults are noticed sooner.
        """
        reach = self.spec.reference_blocks
        if not reach:
            return []
        first = self._first_block[device]
        floors = np.array(self.spec.floors)
        began = self._reference.usual(
            device,
            np.minimum(first + reach, block) + LAG,
            since=np.maximum(since, first),
            reach=reach,
            floors=floors,
        )
        earlier = self._blocks.usual(
            device, block - REFERENCE_LAG, since=since, reach=self.spec.baseline_blocks, floors=floors
        )
        old = (block - REFERENCE_LAG - LAG - first >= reach)[:, None]
        return [np.where(old, earlier.departure(means), began.departure(means)) for means in observed]

    def _parts(self) -> tuple[BucketRing | BlockRing | EventFeatures | FeatureCache, ...]:
        return (self._buckets, self._blocks, self._reference, self._events, self._cache)

    def _grow(self, devices: int) -> None:
        for part in self._parts():
            part.grow(devices)
        self._filed = enlarged(self._filed, devices, NOTHING)
        self._first_block = enlarged(self._first_block, devices, NOTHING)
