"""The physics of machines, pure: all devices at once, for a second of live plant or a minute of history.

Every law is integrated exactly over a step, and a current is its mean over the step, so the result hardly depends on
the length of a step. Laws: current from load, friction and inrush; active power of a three-phase machine
(`energytrack.machines.power`); temperature as a first-order lag towards ambient + rise times the square of the current;
pressure as a first-order lag of the hydraulic or pneumatic circuit; coloured noise as an Ornstein-Uhlenbeck process.
"""

import math
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from simulator.machines.arrays import Bools, Floats
from simulator.machines.faults import EFFECT
from simulator.machines.fleet import FleetConstants

LOAD_SECONDS: Final = 1.5
"""A drive follows its load with this time constant."""
FLUTTER_SECONDS: Final = 20.0
FLUTTER: Final = 0.06
"""Standard deviation of the cutting current within a job."""
RIPPLE_SECONDS: Final = 15.0
RIPPLE: Final = 0.005
"""Standard deviation of the pressure, as a fraction of the nominal one."""
SUPPLY: Final = 0.012
"""How far the common air or oil supply of a line moves each machine's pressure."""
THINNING: Final = 0.0008
"""Pressure loss by warm oil, as a fraction of the nominal pressure per kelvin above 40 degrees Celsius."""


class Machines(Struct, frozen=True, eq=False):
    """The physical state, one element per device."""

    speed: Floats
    """Of the drive, 0 to 1."""
    load: Floats
    """0 to 1 of the rated load."""
    flutter: Floats
    """Coloured noise of the load, unit variance."""
    ripple: Floats
    """Coloured noise of the pressure, unit variance."""
    current: Floats
    """Amperes, RMS per phase, mean over the last step."""
    temperature: Floats
    """Degrees Celsius."""
    circuit: Floats
    """Bar, without the ripple."""
    pressure: Floats
    """Bar."""
    energy_kwh: Floats
    """The meter's register."""


class Demand(Struct, frozen=True, eq=False):
    """Commands to the machines, one element per device."""

    powered: Bools
    load: Floats
    tripped: Bools
    """The protection has tripped: the drive stops at once."""
    isolated: Bools
    """Locked out for maintenance: not even standby."""


class AmbientConditions(Struct, frozen=True, eq=False):
    """Surroundings of the machines, one element per device."""

    ambient_celsius: Floats
    supply: Floats
    """State of the line's common supply, unit variance."""


class Pace(Struct, frozen=True, eq=False):
    """Values that depend on the length of a step only."""

    dt: float
    run_up: Floats
    run_down: Floats
    during_ramp: Floats
    """Share of a step's change of speed that its mean still lacks."""
    surge: Floats
    """Ampere seconds per second of a full run-up."""
    load: float
    thermal: Floats
    circuit: Floats
    flutter: tuple[float, float, float]
    """Keep, kick, and what remains in the mean over a step."""
    ripple: tuple[float, float, float]


def pace(fleet: FleetConstants, dt: float) -> Pace:
    """The constants of steps of `dt` seconds."""
    return Pace(
        dt=dt,
        run_up=dt / fleet.run_up_seconds,
        run_down=dt / fleet.run_down_seconds,
        during_ramp=0.5 * np.minimum(fleet.run_up_seconds / dt, 1.0),
        surge=fleet.surge_amperes * fleet.run_up_seconds / dt,
        load=1.0 - math.exp(-dt / LOAD_SECONDS),
        thermal=1.0 - np.exp(-dt / fleet.thermal_seconds),
        circuit=1.0 - np.exp(-dt / fleet.circuit_seconds),
        flutter=_colour(dt / FLUTTER_SECONDS),
        ripple=_colour(dt / RIPPLE_SECONDS),
    )


def cold(fleet: FleetConstants, ambient_celsius: Floats, energy_kwh: Floats) -> Machines:
    """Machines that have been stopped for a long time."""
    still = np.zeros(len(fleet))
    return Machines(
        speed=still,
        load=still,
        flutter=still,
        ripple=still,
        current=fleet.standby_amperes.copy(),
        temperature=ambient_celsius,
        circuit=fleet.standby_bar.copy(),
        pressure=fleet.standby_bar.copy(),
        energy_kwh=energy_kwh,
    )


def step(
    state: Machines,
    *,
    fleet: FleetConstants,
    pace: Pace,
    demand: Demand,
    strain: Floats,
    air: AmbientConditions,
    rng: Generator,
) -> Machines:
    """The machines one step later; `strain` is the effect of wear on each, as returned by `faults.strain`."""
    kick = rng.standard_normal((2, len(fleet)))
    unrest = strain[EFFECT["unrest"]]
    flutter = pace.flutter[0] * state.flutter + pace.flutter[1] * kick[0]
    ripple = pace.ripple[0] * state.ripple + pace.ripple[1] * kick[1]

    speed = state.speed + np.where(demand.powered, pace.run_up, -pace.run_down)
    speed = np.minimum(np.maximum(speed, 0.0), 1.0) * ~demand.tripped
    load = state.load + (demand.load - state.load) * pace.load
    load = load * (speed >= 1.0)
    turning = speed + (state.speed - speed) * pace.during_ramp
    current = _current(fleet, pace, strain, turning=turning, load=load, flutter=flutter * pace.flutter[2],
                       from_speed=state.speed, to_speed=speed)  # fmt: skip
    current = np.where(demand.isolated, 0.0, np.where(demand.tripped, fleet.standby_amperes, current))

    heat = strain[EFFECT["heat"]] * turning * (0.4 + 0.6 * load)
    heat = (1.0 + strain[EFFECT["cooling"]]) * ((current / fleet.rated_amperes) ** 2 + heat)
    warmth = air.ambient_celsius + fleet.rise_celsius * heat
    temperature = state.temperature + (warmth - state.temperature) * pace.thermal

    leak = strain[EFFECT["leak"]]
    fed = fleet.nominal_bar * (1.0 + SUPPLY * air.supply - fleet.hydraulic * THINNING * (temperature - 40.0))
    fed -= fleet.droop_bar * load + leak * fleet.reserve_bar * (0.7 + 0.3 * load)
    rest = fleet.standby_bar * (1.0 - np.minimum(0.3 * leak, 0.6))
    circuit = state.circuit + (np.where(speed > 0.5, fed, rest) - state.circuit) * pace.circuit
    waves = RIPPLE * pace.ripple[2] * ripple * fleet.nominal_bar * (0.1 + speed) * (1.0 + 2.0 * leak + 0.5 * unrest)
    return Machines(
        speed=speed,
        load=load,
        flutter=flutter,
        ripple=ripple,
        current=current,
        temperature=temperature,
        circuit=circuit,
        pressure=np.maximum(circuit + waves, 0.0),
        energy_kwh=state.energy_kwh + current * fleet.kw_per_ampere * (pace.dt / 3600.0),
    )


def _current(
    fleet: FleetConstants,
    pace: Pace,
    strain: Floats,
    *,
    turning: Floats,
    load: Floats,
    flutter: Floats,
    from_speed: Floats,
    to_speed: Floats,
) -> Floats:
    """Mean amperes over a step."""
    unrest, friction, cutting = strain[EFFECT["unrest"]], strain[EFFECT["friction"]], strain[EFFECT["cutting"]]
    rise = np.maximum(to_speed - from_speed, 0.0)
    surge = pace.surge * rise * (1.0 - 0.5 * (from_speed + to_speed))
    cut = load * (fleet.rated_amperes - fleet.idle_amperes) * (1.0 + cutting + FLUTTER * (1.0 + unrest) * flutter)
    idle = fleet.idle_amperes - fleet.standby_amperes + friction * fleet.rated_amperes
    drawn = fleet.standby_amperes + idle * turning + cut
    return np.asarray(drawn * (1.0 + strain[EFFECT["imbalance"]] * turning) + surge)


def _colour(steps: float) -> tuple[float, float, float]:
    """Of an Ornstein-Uhlenbeck process of unit variance: keep, kick, and the deviation of its mean over a step."""
    keep = math.exp(-steps)
    mean = 2.0 / steps * (1.0 - (1.0 - keep) / steps)
    return keep, math.sqrt(1.0 - keep * keep), math.sqrt(mean)
