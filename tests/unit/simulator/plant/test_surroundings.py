"""What machines share."""

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from simulator.plant.surroundings import ORDERS, SUPPLY, WEATHER, ambient_celsius, new_surroundings, step
from testkit.dates import NOW

CALM = replace(new_surroundings(2, np.random.default_rng(0)), noise=np.zeros((3, 2)), place=np.zeros(2))


@pytest.mark.parametrize("which", [WEATHER, SUPPLY, ORDERS])
@pytest.mark.parametrize("dt", [1.0, 60.0, 86_400.0])
def test_noise_stays_in_its_usual_range_however_long_a_step_is(which: int, dt: float) -> None:
    """Unit variance, whatever the tick: a plant in demonstration and one in real time see the same weather."""
    rng = np.random.default_rng(1)
    state = new_surroundings(4000, rng)
    for _ in range(5):
        state = step(state, dt=dt, rng=rng)
    assert state.noise[which].std() == pytest.approx(1.0, abs=0.06)
    assert abs(state.noise[which].mean()) < 0.08


def test_two_steps_are_one_of_twice_the_length() -> None:
    """What is left of a beginning; the rest is chance."""

    class NoNoise:
        def standard_normal(self, shape: tuple[int, ...]) -> np.ndarray:
            return np.zeros(shape)

    begin = replace(CALM, noise=np.ones((3, 2)))
    once = step(begin, dt=120.0, rng=NoNoise())  # type: ignore[arg-type]
    twice = step(step(begin, dt=60.0, rng=NoNoise()), dt=60.0, rng=NoNoise())  # type: ignore[arg-type]
    np.testing.assert_allclose(once.noise, twice.noise)
    assert (once.noise[SUPPLY] < once.noise[WEATHER]).all()  # the air of the hall changes within days


def test_it_is_warmest_in_the_afternoon_and_in_july() -> None:
    """By the plant's clock, around the mean that its file gives."""
    day = NOW.replace(month=7, day=19)
    by_hour = {hour: ambient_celsius(20.0, CALM, day.replace(hour=hour))[0] for hour in range(24)}
    assert max(by_hour, key=lambda hour: by_hour[hour]) == 16
    assert min(by_hour, key=lambda hour: by_hour[hour]) == 4
    months = {month: ambient_celsius(20.0, CALM, day.replace(month=month))[0] for month in range(1, 13)}
    assert max(months, key=lambda month: months[month]) == 7
    assert ambient_celsius(20.0, CALM, day)[0] == pytest.approx(ambient_celsius(20.0, CALM, day + timedelta(0))[1])


def test_a_line_at_the_gate_is_colder_than_the_hall() -> None:
    shifted = replace(CALM, place=np.array([-1.0, 0.5]))
    np.testing.assert_allclose(ambient_celsius(20.0, shifted, NOW) - ambient_celsius(20.0, CALM, NOW), [-1.0, 0.5])
