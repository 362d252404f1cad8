"""Features that are kept for a bucket."""

import numpy as np

from ml.arrays import Floats, Integers
from ml.features.feature_cache import FeatureCache


class Made:
    """Makes features that tell of which device and bucket they are, and counts."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __call__(self, device: Integers, bucket: Integers) -> tuple[Floats, Integers]:
        self.asked += zip(device.tolist(), bucket.tolist(), strict=True)
        return np.column_stack([device, bucket]).astype(np.float64), bucket % 7


def get(cache: FeatureCache, made: Made, *rows: tuple[int, int]) -> list[list[float]]:
    device, bucket = np.array(rows, dtype=np.int64).T
    features, filled = cache.get(device, bucket, made)
    assert filled.tolist() == (bucket % 7).tolist()
    return [[float(value) for value in row] for row in features.tolist()]


def test_each_device_and_bucket_is_made_once() -> None:
    """However many rows ask for it, now and later."""
    cache, made = FeatureCache(4, features=2), Made()
    assert get(cache, made, (1, 5), (2, 5), (1, 5)) == [[1, 5], [2, 5], [1, 5]]
    assert get(cache, made, (2, 5), (1, 5)) == [[2, 5], [1, 5]]
    assert made.asked == [(1, 5), (2, 5)]


def test_of_several_buckets_the_last_is_kept() -> None:
    cache, made = FeatureCache(4, features=2), Made()
    assert get(cache, made, (1, 6), (1, 5)) == [[1, 6], [1, 5]]
    assert get(cache, made, (1, 6)) == [[1, 6]]
    assert len(made.asked) == 2
    assert get(cache, made, (1, 5)) == [[1, 5]]
    assert len(made.asked) == 3


def test_a_late_reading_makes_them_again_and_a_newer_one_does_not() -> None:
    """Features look at complete buckets up to theirs."""
    cache, made = FeatureCache(4, features=2), Made()
    get(cache, made, (1, 5), (2, 5))
    cache.changed(np.array([1, 2]), np.array([6, 5]))
    get(cache, made, (1, 5), (2, 5))
    assert made.asked == [(1, 5), (2, 5), (2, 5)]


def test_what_was_forgotten_is_made_again_and_there_is_room_for_more() -> None:
    cache, made = FeatureCache(2, features=2), Made()
    get(cache, made, (1, 5))
    cache.clear(np.array([1]))
    cache.grow(5)
    assert get(cache, made, (1, 5), (4, 5)) == [[1, 5], [4, 5]]
    assert made.asked == [(1, 5), (1, 5), (4, 5)]
