"""Sensors: sound ones are a little off, others lie."""

import numpy as np
import pytest
from msgspec.structs import replace

from simulator.machines import sensors
from simulator.machines.arrays import Floats
from simulator.machines.sensors import DRIFTING, LOST, SPIKING, STUCK, SensorFaults
from testkit.builders.plants import SOUND, a_factory

FACTORY = a_factory(12)
TRUE = np.array([[60.0] * 12, [5.0] * 12, [12.0] * 12])
USUAL = np.array([[40.0] * 12, [5.5] * 12, [24.0] * 12])


def shown(kind: int, *, count: int = 50, dt: float = 1.0) -> Floats:
    """[count, 3, devices] as sensors with one kind of fault show them."""
    state: SensorFaults = replace(
        sensors.all_sound(12),
        kind=np.full((3, 12), kind, dtype=np.int8),
        left_seconds=np.full((3, 12), 1e9),
        astray=np.full((3, 12), 7.0 if kind == STUCK else 0.0),
    )
    rng, values = np.random.default_rng(1), []
    for _ in range(count):
        state, now = sensors.step(state, TRUE, sensors=FACTORY.fleet.sensors, usual=USUAL, dt=dt, rates=SOUND, rng=rng)
        values.append(now)
    return np.array(values)


def test_a_sound_sensor_is_noisy_around_its_own_truth() -> None:
    """Off by its offset and gain, and rounded to its steps."""
    values = shown(sensors.SOUND, count=300)
    assert np.abs(values.mean(axis=0) / TRUE - 1).max() < 0.06
    assert (values.std(axis=0) > 0).all()
    steps = values * FACTORY.fleet.sensors.steps
    assert steps == pytest.approx(np.rint(steps))


def test_a_reading_for_a_minute_is_the_mean_of_sixty() -> None:
    """So it is quieter."""
    second, minute = (shown(sensors.SOUND, count=300, dt=dt)[:, 2].std(axis=0).mean() for dt in (1.0, 60.0))
    assert minute < second / 4


def test_a_lost_sensor_shows_nothing() -> None:
    """Not zero: nothing."""
    assert np.isnan(shown(LOST)).all()


def test_a_stuck_sensor_shows_the_same_value_for_ever() -> None:
    """Whatever the machine does."""
    assert set(shown(STUCK).ravel().tolist()) == {7.0}


def test_a_spiking_sensor_is_mostly_right() -> None:
    """And at times wildly wrong."""
    off = np.abs(shown(SPIKING, count=400) / TRUE - 1)
    assert 0.001 < (off > 0.2).mean() < 0.05


def test_a_drifting_sensor_goes_further_and_further() -> None:
    """Half a usual temperature in an hour."""
    values = shown(DRIFTING, count=60, dt=60.0)
    assert values[-1, 0] - values[0, 0] == pytest.approx(20.0, abs=1.0)


def test_faults_begin_at_their_rates_and_end() -> None:
    """In a day of a thousand sensors about as many as the rates say are struck."""
    rates = replace(SOUND, lost_per_day=0.5, stuck_per_day=0.25)
    rng, state, lost = np.random.default_rng(2), sensors.all_sound(12), 0
    for _ in range(1440 * 5):
        before = state.kind
        state, _ = sensors.step(state, TRUE, sensors=FACTORY.fleet.sensors, usual=USUAL, dt=60.0, rates=rates, rng=rng)
        lost += int(((state.kind == LOST) & (before != LOST)).sum())
    assert lost == pytest.approx(0.5 * 36 * 5, rel=0.35)
    assert (state.kind == sensors.SOUND).mean() > 0.8
