import numpy as np

from ml.features.buckets import BucketRing

MINUTE = 60_000
ONE = np.array([0])


def a_ring(slots: int = 10) -> BucketRing:
    return BucketRing(1, signals=2, bucket_ms=MINUTE, slots=slots)


def add(ring: BucketRing, *readings: tuple[float, float, float]) -> list[int]:
    """Count readings, given as minute and two values; returns which of them counted."""
    at = np.array([round(minute * MINUTE) for minute, *_ in readings])
    values = np.array([values for _, *values in readings])
    return sorted(ring.add(np.zeros(len(at), dtype=np.int64), at, values).tolist())


def test_means_are_of_buckets_youngest_first() -> None:
    """A reading on the dot completes its bucket; an empty one is NaN."""
    ring = a_ring()
    assert add(ring, (0.5, 1.0, 10.0), (1.0, 3.0, 30.0), (2.5, 5.0, 50.0)) == [0, 1, 2]
    np.testing.assert_array_equal(ring.means(ONE, np.array([3]), 3)[0], [[5, 50], [np.nan, np.nan], [2, 20]])


def test_a_lost_sensor_does_not_count_in_the_mean() -> None:
    ring = a_ring()
    add(ring, (0.2, 1.0, np.nan), (0.4, 3.0, 8.0))
    assert ring.means(ONE, np.array([1]), 1)[0].tolist() == [[2.0, 8.0]]


def test_a_repeated_moment_counts_once() -> None:
    """In one batch, and in a later one."""
    ring = a_ring()
    assert add(ring, (0.5, 1.0, 1.0), (0.5, 9.0, 9.0)) == [0]
    assert add(ring, (0.5, 9.0, 9.0)) == []
    assert ring.means(ONE, np.array([1]), 1)[0].tolist() == [[1.0, 1.0]]


def test_late_readings_count_as_long_as_the_ring_holds_their_bucket() -> None:
    ring = a_ring(slots=4)
    add(ring, (6.5, 1.0, 1.0))
    assert add(ring, (3.5, 2.0, 2.0), (2.5, 3.0, 3.0)) == [0]
    assert np.isnan(ring.means(ONE, np.array([3]), 1)).all()


def test_a_moment_is_marked_once() -> None:
    """Scored once, however often it comes."""
    ring = a_ring()
    add(ring, (0.5, 1.0, 1.0))
    at = np.array([MINUTE // 2])
    assert [len(ring.mark(ONE, at)) for _ in range(2)] == [1, 0]


def test_a_cleared_device_begins_again_and_others_fit_in() -> None:
    ring = a_ring()
    add(ring, (0.5, 1.0, 1.0))
    ring.clear(ONE)
    assert np.isnan(ring.means(ONE, np.array([1]), 1)).all()
    ring.grow(3)
    assert len(ring.add(np.array([2]), np.array([MINUTE]), np.array([[4.0, 5.0]]))) == 1
    assert ring.means(np.array([2]), np.array([1]), 1)[0].tolist() == [[4.0, 5.0]]


def test_what_a_wrong_clock_gave_is_heard_again_and_the_minutes_before_it_stay() -> None:
    """Of the current minute, the seconds up to the moment have arrived; the later ones have not."""
    ring = a_ring()
    add(ring, (0.5, 1.0, 1.0), (1.4, 2.0, 2.0), (1.9, 4.0, 4.0), (3.5, 8.0, 8.0))
    assert ring.heard_after(ONE, 3 * MINUTE).all()
    assert not ring.heard_after(ONE, round(3.6 * MINUTE)).any()
    ring.forget_from(ONE, np.array([round(1.5 * MINUTE)]))
    assert not ring.heard_after(ONE, round(1.5 * MINUTE)).any()
    assert ring.newest.tolist() == [2]
    np.testing.assert_array_equal(ring.means(ONE, np.array([4]), 4)[0, :, 0], [np.nan, np.nan, 3.0, 1.0])
    assert add(ring, (1.4, 9.0, 9.0), (1.9, 6.0, 6.0), (3.5, 5.0, 5.0)) == [1, 2]
    np.testing.assert_array_equal(ring.means(ONE, np.array([4]), 4)[0, :, 0], [5.0, np.nan, 4.0, 1.0])


def test_marks_of_later_moments_go_too() -> None:
    ring = a_ring()
    at = np.array([round(1.4 * MINUTE), round(1.9 * MINUTE)])
    both = np.zeros(2, dtype=np.int64)
    ring.add(both, at, np.ones((2, 2)))
    assert ring.mark(both, at).tolist() == [0, 1]
    ring.forget_from(ONE, np.array([round(1.5 * MINUTE)]))
    ring.add(both, at, np.ones((2, 2)))
    assert ring.mark(both, at).tolist() == [1]


def test_a_device_of_which_everything_is_later_is_as_if_it_were_new() -> None:
    ring = a_ring()
    add(ring, (5.5, 1.0, 1.0))
    ring.forget_from(ONE, np.array([MINUTE]))
    assert ring.newest.tolist() == [-1]
    assert not ring.heard_after(ONE, 0).any()
