import numpy as np
import numpy.typing as npt
import pytest

from ml.features.usual_range import LAG, LEAST_BLOCKS, LIMIT, BlockRing, UsualRange

ONE = np.array([0])
FLOORS = np.array([0.1, 0.1])


def filled(blocks: int, *, seed: int = 0) -> BlockRing:
    """Two signals that move together, in blocks of sixty buckets."""
    ring = BlockRing(1, signals=2, blocks=64)
    rng = np.random.default_rng(seed)
    for block in range(blocks):
        load = rng.normal(size=60)
        means = np.column_stack([50 + load, 10 + load + rng.normal(0, 0.1, 60)])
        ring.put(ONE, np.array([block]), means[None])
    return ring


def usual(ring: BlockRing, block: int, *, since: int = 0) -> UsualRange:
    return ring.usual(ONE, np.array([block]), since=np.array([since]), reach=48, floors=FLOORS)


def at(*values: float) -> npt.NDArray[np.float64]:
    return np.array([values])


def test_the_center_is_the_mean_of_the_past() -> None:
    found = usual(filled(20), 20 + LAG)
    assert found.center[0].tolist() == pytest.approx([50, 10], abs=0.1)
    assert found.deviation[0].tolist() == pytest.approx([1, 1], abs=0.1)


def test_what_breaks_the_usual_pattern_is_odd_although_each_value_is_usual() -> None:
    """Both high is usual; one high and the other low is not."""
    found = usual(filled(20), 20 + LAG)
    together, apart = found.distance(at(51, 11))[0], found.distance(at(51, 9))[0]
    assert together < 2
    assert apart > 20
    shift = found.shift(at(51, 9))[0]
    assert shift[0] > 5
    assert shift[1] < -5
    assert found.departure(at(51, 9))[0].tolist() == pytest.approx([1, -1], abs=0.15)


def test_the_newest_block_is_passed_over() -> None:
    """What is odd now must not look usual by next hour."""
    ring = filled(20)
    ring.put(ONE, np.array([20]), np.full((1, 60, 2), 500.0))
    assert usual(ring, 20 + LAG).center[0, 0] == pytest.approx(50, abs=0.1)
    assert usual(ring, 21 + LAG).center[0, 0] > 60


def test_too_short_a_past_tells_nothing() -> None:
    for blocks, known in ((LEAST_BLOCKS - 1, False), (LEAST_BLOCKS, True)):
        assert np.isfinite(usual(filled(blocks), blocks + LAG).center).all() == known
    assert np.isnan(usual(filled(20), 20 + LAG, since=20).center).all()


def test_far_out_is_far_out() -> None:
    found = usual(filled(20), 20 + LAG)
    assert np.abs(found.shift(at(1e9, 10))).max() == LIMIT
    assert found.distance(at(1e9, 10))[0] == LIMIT**2


def test_a_block_that_comes_again_is_replaced_and_a_cleared_device_has_no_past() -> None:
    ring = filled(20)
    for block in range(20):
        ring.put(ONE, np.array([block]), np.full((1, 60, 2), 7.0))
    assert usual(ring, 20 + LAG).center[0].tolist() == [7.0, 7.0]
    ring.clear(ONE)
    assert np.isnan(usual(ring, 20 + LAG).center).all()
