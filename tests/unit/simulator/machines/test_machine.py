"""The laws that machines obey."""

import numpy as np
import pytest
from msgspec.structs import replace

from energytrack.machines.power import power_watts
from simulator.machines import machine
from simulator.machines.arrays import Floats
from simulator.machines.faults import EFFECTS
from simulator.machines.machine import AmbientConditions, Demand, Machines
from testkit.builders.plants import a_factory, a_plant

FACTORY = a_factory(12)
FLEET = FACTORY.fleet
N = len(FLEET)
CALM = AmbientConditions(np.full(N, 20.0), np.zeros(N))


class Still:
    """A generator without noise."""

    def standard_normal(self, shape: tuple[int, ...]) -> Floats:
        return np.zeros(shape)


def demand(*, on: bool = True, load: float = 0.0, tripped: bool = False, isolated: bool = False) -> Demand:
    flags = (np.full(N, flag) for flag in (on, tripped, isolated))
    powered, trips, locks = flags
    return Demand(powered, np.full(N, load if on else 0.0), trips, locks)


def run(state: Machines, wanted: Demand, *, seconds: float, dt: float = 1.0) -> list[Machines]:
    """The states of machines without wear or noise."""
    states = []
    pace = machine.pace(FLEET, dt)
    strain = np.zeros((len(EFFECTS), N))
    for _ in range(round(seconds / dt)):
        state = machine.step(state, fleet=FLEET, pace=pace, demand=wanted, strain=strain, air=CALM, rng=Still())  # type: ignore[arg-type]
        states.append(state)
    return states


COLD = machine.cold(FLEET, np.full(N, 20.0), np.zeros(N))
IDLING = run(COLD, demand(), seconds=60)[-1]


def test_a_start_draws_inrush_current_that_fades() -> None:
    """The first second is the highest; at full speed the idle current is left."""
    currents = [state.current for state in run(COLD, demand(), seconds=12)]
    assert (currents[0] > 1.2 * FLEET.rated_amperes).all()
    assert (currents[0] < 1.1 * FLEET.surge_amperes + FLEET.idle_amperes).all()
    assert currents[-1] == pytest.approx(FLEET.idle_amperes)


def test_current_follows_load() -> None:
    """Half of the load draws half of what lies between idle and rated current."""
    state = run(IDLING, demand(load=0.5), seconds=30)[-1]
    assert state.current == pytest.approx((FLEET.idle_amperes + FLEET.rated_amperes) / 2, rel=1e-3)


def test_shutting_down_ramps_to_standby() -> None:
    """Within seconds, and not in one step."""
    working = run(IDLING, demand(load=0.8), seconds=30)[-1]
    currents = [state.current for state in run(working, demand(on=False), seconds=10)]
    assert (currents[0] > FLEET.standby_amperes).all()
    assert currents[-1] == pytest.approx(FLEET.standby_amperes)


def test_a_trip_stops_at_once_and_a_lockout_leaves_nothing() -> None:
    """Protection leaves the controller on; a lockout takes that, too."""
    assert run(IDLING, demand(tripped=True), seconds=1)[0].current == pytest.approx(FLEET.standby_amperes)
    assert run(IDLING, demand(on=False, tripped=True, isolated=True), seconds=1)[0].current.tolist() == [0.0] * N


def test_temperature_is_a_first_order_lag() -> None:
    """After one time constant 63 % of the way is done; in the end ambient + rise times load squared is left."""
    loaded = replace(run(IDLING, demand(load=1.0), seconds=30)[-1], temperature=np.full(N, 20.0))
    longest = float(FLEET.thermal_seconds.max())
    course = np.array([state.temperature for state in run(loaded, demand(load=1.0), seconds=longest)])
    at_constant = course[FLEET.thermal_seconds.astype(int) - 1, np.arange(N)]
    assert at_constant - 20.0 == pytest.approx(FLEET.rise_celsius * (1 - np.exp(-1)), rel=0.01)


def test_pressure_droops_under_load_and_falls_to_standby() -> None:
    """Nominal less the droop at work; what remains in the circuit when it is off."""
    working = run(IDLING, demand(load=1.0), seconds=120)[-1]
    expected = FLEET.nominal_bar - FLEET.droop_bar
    assert working.pressure == pytest.approx(expected, rel=0.03)
    assert run(working, demand(on=False), seconds=300)[-1].pressure == pytest.approx(FLEET.standby_bar, rel=0.01)


def test_a_minute_in_one_step_is_a_minute_in_sixty() -> None:
    """Energy, temperature and pressure hardly depend on how long a step is."""
    many, one = (run(IDLING, demand(load=0.7), seconds=600, dt=dt)[-1] for dt in (1.0, 60.0))
    assert one.energy_kwh - IDLING.energy_kwh == pytest.approx(many.energy_kwh - IDLING.energy_kwh, rel=0.01)
    assert one.temperature == pytest.approx(many.temperature, rel=0.01)
    assert one.pressure == pytest.approx(many.pressure, rel=0.01)


def test_the_meter_counts_the_power_of_the_current() -> None:
    """A kilowatt hour is what the kernel's own formula makes of the amperes."""
    state = run(IDLING, demand(load=0.6), seconds=3600, dt=60.0)
    ratings = [a_plant(12).types[device.device_type] for device in FLEET.devices]
    watts = [power_watts(amperes, rating) for amperes, rating in zip(state[-1].current, ratings, strict=True)]
    assert state[-1].energy_kwh - state[0].energy_kwh == pytest.approx(np.array(watts) / 1000 * 59 / 60, rel=1e-3)


def test_a_stopped_machine_uses_next_to_nothing() -> None:
    """Standby is a few percent of the rated current."""
    stopped = run(COLD, demand(on=False), seconds=3600, dt=60.0)[-1]
    rated_kwh = FLEET.rated_amperes * FLEET.kw_per_ampere
    assert (stopped.energy_kwh < 0.04 * rated_kwh).all()
