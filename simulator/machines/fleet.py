"""Constants of each machine: its rating, and how it differs from others of its type."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from energytrack.errors import InvalidPlant
from energytrack.machines.power import power_watts
from energytrack.machines.ratings import Rating
from energytrack.plant import Device, Line, Plant
from simulator.machines.arrays import Bools, Floats, Ints
from simulator.machines.chance import FLEET, generator
from simulator.machines.faults import MODE_NAMES, MODES

READ: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Start date of the meters; a device's age in the plant file counts back from here."""
USUAL_AGE_YEARS: Final = 5.0
"""Of a machine whose age the plant file does not give."""
USUAL_LOAD: Final = 0.35
"""Assumed average share of the rated power until then."""
USUAL_CYCLE_SECONDS: Final = 60.0
"""Of a machine whose cycle the plant file does not give."""
MOST_LOAD: Final = 1.4
"""Upper limit of a machine's average share in any hour."""


class Sensors(Struct, frozen=True, eq=False):
    """Permanent errors of sensors; float64[3, devices]: temperature, pressure, current."""

    gain: Floats
    offset: Floats
    noise: Floats
    """Standard deviation of a value measured in one second."""
    steps: Floats
    """Steps per unit that the value is rounded to."""


class FleetConstants(Struct, frozen=True, eq=False):
    """The machines' constants, one element per device unless it says otherwise."""

    devices: tuple[Device, ...]
    line: Ints
    """Index among the plant's lines."""
    life_hours: Floats
    """float64[modes, devices]: see `faults.Mode`; infinite if a machine cannot have the fault."""
    habit: Floats
    """Probability that people leave the machine idling after work."""
    unmanned: Bools
    """It works around the clock."""
    standby_amperes: Floats
    idle_amperes: Floats
    rated_amperes: Floats
    surge_amperes: Floats
    """Above the idle current, at the instant of a start."""
    kw_per_ampere: Floats
    run_up_seconds: Floats
    run_down_seconds: Floats
    rise_celsius: Floats
    thermal_seconds: Floats
    hydraulic: Bools
    nominal_bar: Floats
    droop_bar: Floats
    standby_bar: Floats
    reserve_bar: Floats
    """Between the nominal pressure and the machine's minimum."""
    circuit_seconds: Floats
    job_seconds: Floats
    """float64[2, devices]: shortest and longest job."""
    gap_seconds: Floats
    job_load: Floats
    """float64[2, devices]: lightest and heaviest job."""
    cycle_seconds: Floats
    """Per part, at full speed."""
    cycle_swing: Floats
    """How far the load falls while parts are changed, as a fraction of the job's."""
    counts_parts: Bools
    """It has counters; where parts come from events or cycles by the plant file, a machine has none."""
    lot_ms: Floats
    """How often events tell its finished parts; infinite where none do."""
    sensors: Sensors

    def __len__(self) -> int:
        return len(self.devices)


def build_fleet(plant: Plant, seed: int) -> FleetConstants:
    """The machines of a plant; raises InvalidPlant if it names an unknown fault."""
    ratings = [plant.types[device.device_type] for device in plant.devices]
    n = len(ratings)
    rng = generator(seed, FLEET)

    def constant(value: Callable[[Rating], float]) -> Floats:
        return np.array([value(rating) for rating in ratings], dtype=np.float64)

    def differing(value: Callable[[Rating], float], spread: float) -> Floats:
        return constant(value) * np.clip(rng.normal(1.0, spread, n), 1 - 3 * spread, 1 + 3 * spread)

    def pair(value: Callable[[Rating], tuple[float, float]], unit: float) -> Floats:
        return np.array([value(rating) for rating in ratings], dtype=np.float64).reshape(n, 2).T * unit

    rated = differing(lambda r: r.rated_amperes, 0.02)
    nominal = differing(lambda r: r.circuit.nominal_bar, 0.015)
    lines = list(plant.lines)
    return FleetConstants(
        devices=plant.devices,
        line=np.array([lines.index(device.line) for device in plant.devices], dtype=np.int64),
        life_hours=_lives(plant, ratings),
        habit=np.where(_share(plant, rng, lambda line: line.left_idling), 0.92, 0.02),
        unmanned=_share(plant, rng, lambda line: line.unmanned),
        standby_amperes=constant(lambda r: r.standby_amperes),
        idle_amperes=differing(lambda r: r.idle_amperes, 0.05),
        rated_amperes=rated,
        surge_amperes=constant(lambda r: r.inrush) * rated,
        kw_per_ampere=constant(lambda r: power_watts(1.0, r) / 1000.0),
        run_up_seconds=constant(lambda r: r.run_up_seconds),
        run_down_seconds=constant(lambda r: r.run_down_seconds),
        rise_celsius=differing(lambda r: r.thermal.rise_celsius, 0.07),
        thermal_seconds=differing(lambda r: r.thermal.time_constant_minutes, 0.10) * 60.0,
        hydraulic=np.array([rating.circuit.kind == "hydraulic" for rating in ratings], dtype=np.bool_),
        nominal_bar=nominal,
        droop_bar=differing(lambda r: r.circuit.droop_bar, 0.10),
        standby_bar=constant(lambda r: r.circuit.standby_bar),
        reserve_bar=constant(lambda r: r.circuit.nominal_bar - r.circuit.minimum_bar),
        circuit_seconds=constant(lambda r: r.circuit.time_constant_seconds),
        job_seconds=pair(lambda r: r.job_minutes, 60.0),
        gap_seconds=pair(lambda r: r.gap_minutes, 60.0),
        job_load=pair(lambda r: r.job_load, 1.0),
        cycle_seconds=np.array([_cycle_seconds(plant, device) for device in plant.devices], dtype=np.float64),
        cycle_swing=constant(lambda r: r.cycle_swing),
        counts_parts=np.array(
            [
                plant.production.kind(device.device_type).parts_per_cycle is None
                and plant.lines[device.line].lot_minutes is None
                for device in plant.devices
            ],
            dtype=np.bool_,
        ),
        lot_ms=np.array(
            [(plant.lines[device.line].lot_minutes or math.inf) * 60_000.0 for device in plant.devices],
            dtype=np.float64,
        ),
        sensors=_sensors(nominal, rated, rng),
    )


def register_kwh(fleet: FleetConstants, at: datetime) -> Floats:
    """The registers when a plant is first seen at `at`.

    Meters are assumed to have counted more than any machine uses, so a plant that lost its state never shows less than
    before: a register never falls.
    """
    ages = np.array([_age_years(device) for device in fleet.devices])
    since = max((at - READ).total_seconds() / 3600.0, 0.0)
    return np.asarray((ages * 8766.0 * USUAL_LOAD + since * MOST_LOAD) * fleet.rated_amperes * fleet.kw_per_ampere)


def _cycle_seconds(plant: Plant, device: Device) -> float:
    by_type = plant.production.kind(device.device_type).cycle_seconds
    return device.cycle_seconds or by_type or USUAL_CYCLE_SECONDS


def _age_years(device: Device) -> float:
    return USUAL_AGE_YEARS if device.age_years is None else device.age_years


def _lives(plant: Plant, ratings: list[Rating]) -> Floats:
    problems = tuple(
        f"types.{kind}.faults: there is no fault {fault!r}; the faults are {', '.join(MODE_NAMES)}"
        for kind, rating in plant.types.items()
        for fault in rating.faults
        if fault not in MODE_NAMES
    )
    if problems:
        raise InvalidPlant(plant.name, problems)
    lives = np.full((len(MODES), len(ratings)), np.inf)
    for i, (device, rating) in enumerate(zip(plant.devices, ratings, strict=True)):
        for fault in rating.faults:
            mode = MODE_NAMES.index(fault)
            lives[mode, i] = MODES[mode].life_hours / (1.0 + 0.02 * _age_years(device))
    return lives


def _share(plant: Plant, rng: Generator, share: Callable[[Line], float]) -> Bools:
    """Draw, once, the given share of each line's machines."""
    drawn = np.zeros(len(plant.devices), dtype=np.bool_)
    for line, members in _members(plant):
        drawn[rng.permutation(members)[: round(share(line) * len(members))]] = True
    return drawn


def _members(plant: Plant) -> Iterator[tuple[Line, Ints]]:
    for line in plant.lines.values():
        yield line, np.array([i for i, d in enumerate(plant.devices) if d.line == line.name], dtype=np.int64)


def _sensors(nominal: Floats, rated: Floats, rng: Generator) -> Sensors:
    n = len(nominal)
    exact = np.where(nominal > 20.0, 10.0, 100.0)  # a transmitter of 12 bits over the range
    return Sensors(
        gain=1.0 + rng.normal(0.0, 1.0, (3, n)) * np.array([[0.004], [0.004], [0.008]]),
        offset=np.vstack([rng.normal(0.0, 0.8, n), np.zeros(n), np.zeros(n)]),
        noise=np.vstack([np.full(n, 0.15), 0.002 * nominal, 0.003 * rated]),
        steps=np.vstack([np.full(n, 20.0), exact, np.full(n, 100.0)]),
    )
