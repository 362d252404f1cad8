"""Features of readings only change once per bucket: those of the latest requested bucket are kept."""

from collections.abc import Callable

import numpy as np

from ml.arrays import Floats, Integers, enlarged, pair_keys
from ml.features.buckets import NOTHING

Make = Callable[[Integers, Integers], tuple[Floats, Integers]]
"""Devices and buckets in, [M] each; features, [M, features of readings], and numbers of filled buckets, [M], out."""


class FeatureCache:
    """The features of each device at one bucket."""

    def __init__(self, devices: int, *, features: int) -> None:
        self._bucket = np.full(devices, NOTHING, dtype=np.int64)
        self._features = np.zeros((devices, features))
        self._filled = np.zeros(devices, dtype=np.int64)

    def grow(self, devices: int) -> None:
        """Make room for more devices."""
        self._bucket = enlarged(self._bucket, devices, NOTHING)
        self._features = enlarged(self._features, devices, 0.0)
        self._filled = enlarged(self._filled, devices, 0)

    def clear(self, device: Integers | int | slice) -> None:
        """Forget devices' features."""
        self._bucket[device] = NOTHING

    def changed(self, device: Integers, bucket: Integers) -> None:
        """Forget the features of devices that were computed from a bucket that has changed, [n] each."""
        self._bucket[device[bucket <= self._bucket[device]]] = NOTHING

    def get(self, device: Integers, bucket: Integers, make: Make) -> tuple[Floats, Integers]:
        """Features and filled buckets of M rows: kept ones, or computed now.

        Many rows have the same device and bucket (60 readings in a minute do), so each pair is computed once.
        """
        new = np.flatnonzero(self._bucket[device] != bucket)
        if len(new) == 0:
            return self._features[device], self._filled[device]
        _, first, pair = np.unique(pair_keys(device[new], bucket[new]), return_index=True, return_inverse=True)
        fresh = new[first]  # one row of each pair; `pair` is the index of its pair for each new row
        features, filled = make(device[fresh], bucket[fresh])
        all_features, all_filled = self._features[device], self._filled[device]
        all_features[new], all_filled[new] = features[pair], filled[pair]
        self._bucket[device[fresh]] = bucket[fresh]  # sorted: of several buckets of a device the last is kept
        self._features[device[fresh]], self._filled[device[fresh]] = features, filled
        return all_features, all_filled
