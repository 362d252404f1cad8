"""What holds of every simulated plant, whatever its seed and whenever it starts."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from energytrack.decoding.parsing import parse_event, parse_reading
from energytrack.fields import STATES
from energytrack.messages import encode
from simulator.machines.rates import Rates
from simulator.plant.events import milliseconds, moment
from simulator.plant.factory import Factory
from simulator.readings import readings
from testkit.builders.plants import a_plant, ticks
from testkit.dates import MIDNIGHT

WILD = Rates(wear_speed=300, onset_speed=300, repair_speed=50, sudden_per_year=50, meaningless_per_day=20,
             planned_days=10, lost_per_day=10, stuck_per_day=10, spiking_per_day=10, drifting_per_day=10)  # fmt: skip

seeds = st.integers(0, 2**63)
starts = st.integers(0, 4 * 365 * 86_400).map(lambda second: 1000 * second + milliseconds(MIDNIGHT))
steps = st.sampled_from([1.0, 7.0, 60.0])


@settings(max_examples=15, deadline=None)
@given(seeds, starts, steps)
def test_the_same_seed_is_the_same_day(seed: int, start: int, seconds: float) -> None:
    """Byte for byte, readings and events."""
    said = []
    for _ in range(2):
        factory = Factory(a_plant(6), seed=seed, rates=WILD)
        out: list[bytes] = []
        for tick in ticks(factory, factory.opened(start), 60, seconds=seconds):
            out += [encode(event) for event in tick.happened]
            out += [sent.value for sent in readings(factory.fleet, tick, which=slice(None), at_ms=tick.state.at_ms)]
        said.append(out)
    assert said[0] == said[1]


@settings(max_examples=20, deadline=None)
@given(seeds, starts, steps)
def test_registers_never_fall_and_count_what_the_current_draws(seed: int, start: int, seconds: float) -> None:
    """The register grows by the power of the mean current of each step."""
    factory = Factory(a_plant(12), seed=seed, rates=WILD)
    state = factory.opened(start)
    for tick in ticks(factory, state, 60, seconds=seconds):
        grown = tick.state.machines.energy_kwh - state.machines.energy_kwh
        drawn = tick.state.machines.current * factory.fleet.kw_per_ampere * seconds / 3600
        assert (grown >= 0).all()
        np.testing.assert_allclose(grown, drawn, rtol=1e-3, atol=1e-6)
        state = tick.state


@settings(max_examples=20, deadline=None)
@given(seeds, starts, steps)
def test_nothing_is_out_of_this_world(seed: int, start: int, seconds: float) -> None:
    """Currents below a start's peak, temperatures of a factory, pressures not negative; still machines draw nothing."""
    factory = Factory(a_plant(12), seed=seed, rates=WILD)
    fleet = factory.fleet
    for tick in ticks(factory, factory.opened(start), 60, seconds=seconds):
        machines = tick.state.machines
        assert (machines.current >= 0).all()
        assert (machines.current < 1.5 * (fleet.surge_amperes + fleet.rated_amperes)).all()
        assert ((machines.temperature > 0) & (machines.temperature < 250)).all()
        assert (machines.pressure >= 0).all()
        still = np.isin(tick.states, [STATES.index(state) for state in ("stopped", "failed", "maintenance")])
        assert (machines.current[still] < 0.05 * fleet.rated_amperes[still]).all()


@settings(max_examples=15, deadline=None)
@given(seeds, starts)
def test_the_plant_speaks_the_language_of_the_topics(seed: int, start: int) -> None:
    """The kernel's own parsers understand every reading and every event, and find the same in it."""
    factory = Factory(a_plant(6), seed=seed, rates=WILD)
    for tick in ticks(factory, factory.opened(start), 40, seconds=60.0):
        now = moment(tick.state.at_ms)
        for event in tick.happened:
            assert parse_event(encode(event), now) == event
        for index, sent in enumerate(readings(factory.fleet, tick, which=slice(None), at_ms=tick.state.at_ms)):
            reading = parse_reading(sent.value, now)
            shown = [reading.temperature, reading.pressure, reading.current]
            expected = tick.values[:, index]
            assert shown == [float(value) if np.isfinite(value) else None for value in expected]
            assert reading.state == STATES[tick.states[index]]
