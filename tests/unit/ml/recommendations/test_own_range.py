import numpy as np
import pytest

from ml.arrays import Floats
from ml.recommendations.device_order import DeviceOrder
from ml.recommendations.own_range import LAG, LEAST, LEAST_LIMIT, OwnRange, limit_of


def lived(means: Floats, *, device: int = 0, size: int = 7) -> tuple[Floats, Floats]:
    """What is said of one machine at its samples, one per quarter of an hour of work, in batches of some size."""
    own = OwnRange(2, signals=means.shape[1])
    off, shift = [], []
    for start in range(0, len(means), size):
        part = means[start : start + size]
        number = np.arange(start, start + len(part))
        turn = DeviceOrder(np.full(len(part), device), number * 900_000)
        each = own.update(turn, (number + 1).astype(np.float64), part)
        off.append(each[0])
        shift.append(each[1])
    return np.concatenate(off), np.concatenate(shift)


def usual(samples: int = 200, seed: int = 1) -> Floats:
    """Temperature follows the current; the pressure is its own master."""
    rng = np.random.default_rng(seed)
    current = rng.normal(12.0, 2.0, samples)
    return np.column_stack([40.0 + 2.0 * current + rng.normal(0, 1, samples), rng.normal(5.5, 0.1, samples), current])


def test_nothing_is_said_of_a_machine_that_is_not_known_yet() -> None:
    off, _ = lived(usual())
    assert np.isnan(off[: LAG + LEAST - 1]).all()
    assert np.isfinite(off[LAG + LEAST - 1 :]).all()


def test_a_machine_that_is_itself_stays_within_its_limit() -> None:
    off, _ = lived(usual(600))
    assert np.nanmax(off) < 1.0


def test_a_temperature_that_its_current_does_not_explain_is_abnormal() -> None:
    """Twelve degrees are within what the machine shows anyway, but not at this current."""
    means = usual()
    means[-6:, 0] += 12.0
    off, shift = lived(means)
    assert off[-1] > 1.0
    assert shift[-1, 0] > 3.0
    assert abs(shift[-1, 1]) < 3.0


def test_a_temperature_that_its_current_explains_is_not() -> None:
    """More work makes more heat."""
    means = usual()
    means[-6:, 2] += 3.0
    means[-6:, 0] += 6.0
    off, _ = lived(means)
    assert off[-1] < 1.0


def test_a_small_drop_of_a_steady_pressure_is_seen() -> None:
    """Half a bar, where the pressure never moved by more than three tenths."""
    means = usual()
    means[-6:, 1] -= 0.5
    off, shift = lived(means)
    assert off[-1] > 1.0
    assert shift[-1, 1] < -3.0


def test_a_few_odd_hours_in_the_past_change_nothing() -> None:
    """Both center and limit are robust."""
    means = usual()
    means[40:44] += 30.0
    means[-6:, 1] -= 0.5
    assert lived(means)[0][-1] > 1.0


@pytest.mark.parametrize("size", [1, 50])
def test_batches_of_any_size_say_the_same(size: int) -> None:
    means = usual(120)
    for one, other in zip(lived(means), lived(means, size=size), strict=True):
        np.testing.assert_allclose(one, other)


def test_what_is_said_holds_until_the_next_sample() -> None:
    """And a machine that stands, or has only just begun to work, brings none."""
    own = OwnRange(1, signals=3)
    means = usual(LAG + LEAST + 1)
    for i, row in enumerate(means):
        (off,), _ = own.update(DeviceOrder(np.array([0]), np.array([i])), np.array([i + 1.0]), row[None])
    for stretch in (len(means) + 0.9, 0.0, 0.5):
        (later,), _ = own.update(DeviceOrder(np.array([0]), np.array([99])), np.array([stretch]), means[:1] + 50.0)
        assert later == off


def test_a_restless_machine_has_a_wider_limit() -> None:
    rng = np.random.default_rng(1)
    calm, restless = rng.exponential(0.3, (1, 100)), rng.exponential(3.0, (1, 100))
    assert limit_of(calm)[0] == LEAST_LIMIT
    assert limit_of(restless)[0] > 2 * LEAST_LIMIT
    assert limit_of(np.full((1, 100), np.nan))[0] == LEAST_LIMIT
