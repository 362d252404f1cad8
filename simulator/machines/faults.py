"""Failure modes: how a defect begins, grows with the machine's work, shows in several signals, and ends in a failure.

A component is in order until a defect begins, sooner the longer it has worked (Weibull hazard, shape 2); from then on
wear grows exponentially with stress up to the component's limit (the P-F curve of reliability engineering). Growth,
visibility and limit differ from one component to the next.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from simulator.machines.arrays import Bools, Floats
from simulator.machines.rates import Rates


class Mode(Struct, frozen=True):
    """One way in which machines wear out."""

    name: str
    component: str
    """What is repaired or replaced."""
    codes: tuple[str, ...]
    """Fault codes, those that appear early first."""
    life_hours: float
    """Scale of the Weibull distribution, in hours of full stress, until a defect begins."""
    growth_per_hour: float
    """Relative growth of wear per hour of full stress."""
    at_idle: float
    """Stress of running without load, as a fraction of that under full load."""
    effects: Mapping[str, float]
    """Effects of full wear on the machine's physics, by field of `machine.Strain`."""
    warnings: float = 8.0
    """Number of fault codes on the whole way to the failure."""


MODES: Final[tuple[Mode, ...]] = (
    Mode("bearing_wear", "bearing", ("lubrication_low", "vibration_high", "drive_overload"),
         life_hours=2000, growth_per_hour=0.055, at_idle=0.4,
         effects={"friction": 0.090, "heat": 0.30, "unrest": 1.5}),
    Mode("blocked_cooling", "cooling", ("coolant_flow_low", "motor_temperature_high"),
         life_hours=2000, growth_per_hour=0.050, at_idle=0.6,
         effects={"cooling": 0.75, "friction": 0.020, "leak": 0.10}),
    Mode("hydraulic_leak", "hydraulics", ("oil_level_low", "pump_overrun", "pressure_low"),
         life_hours=2200, growth_per_hour=0.060, at_idle=0.5,
         effects={"leak": 1.20, "friction": 0.070, "heat": 0.10, "unrest": 0.5}),
    Mode("air_leak", "pneumatics", ("air_consumption_high", "pressure_low"),
         life_hours=2200, growth_per_hour=0.055, at_idle=0.6,
         effects={"leak": 1.20, "friction": 0.040, "cutting": 0.05, "unrest": 0.6}),
    Mode("electrical_imbalance", "motor", ("phase_imbalance", "earth_leakage", "drive_overload"),
         life_hours=2400, growth_per_hour=0.065, at_idle=0.3,
         effects={"imbalance": 0.12, "heat": 0.24, "unrest": 1.0}),
    Mode("tool_wear", "tool", ("tool_life_exceeded", "cutting_force_high"),
         life_hours=1400, growth_per_hour=0.070, at_idle=0.0,
         effects={"cutting": 0.32, "heat": 0.08, "unrest": 0.8, "leak": 0.12}),
    Mode("belt_slip", "belt", ("slip_detected", "position_error"),
         life_hours=1800, growth_per_hour=0.060, at_idle=0.3,
         effects={"cutting": 0.18, "friction": 0.060, "heat": 0.16, "unrest": 1.2}),
)  # fmt: skip
MODE_NAMES: Final = tuple(mode.name for mode in MODES)

SUDDEN: Final = len(MODES)
"""A failure without warning, as an index after those of `MODES`."""
FAILURES: Final = (*MODE_NAMES, "control_fault")
COMPONENTS: Final = (*(mode.component for mode in MODES), "controller")
IDLE_TALK: Final = ("door_interlock", "lubrication_due", "network_timeout", "battery_low", "emergency_stop_tested")
"""Fault codes without a cause, besides true codes that occasionally appear without one."""

EFFECTS: Final = ("friction", "cutting", "heat", "cooling", "leak", "unrest", "imbalance")
EFFECT: Final[Mapping[str, int]] = MappingProxyType({name: i for i, name in enumerate(EFFECTS)})
_EFFECTS: Final = np.array([[mode.effects.get(effect, 0.0) for mode in MODES] for effect in EFFECTS])
_GROWTH: Final = np.array([[mode.growth_per_hour] for mode in MODES])
_AT_IDLE: Final = np.array([[mode.at_idle] for mode in MODES])
_WARNINGS: Final = np.array([[mode.warnings] for mode in MODES])

DEFECT: Final = 0.03
"""Wear at which a defect begins."""


class Wear(Struct, frozen=True, eq=False):
    """The wear of each machine's components; float64[modes, devices]."""

    wear: Floats
    """0 is as new; at `limit` it fails."""
    hours: Floats
    """Hours of full stress since the component was new."""
    growth: Floats
    """This component's growth, as a multiple of its mode's."""
    limit: Floats
    visibility: Floats
    """Visibility of this component's wear, as a multiple of its mode's effects."""
    rush: Floats
    """Injected wear per second; it grows while the machine runs."""


class Wearing(Struct, frozen=True, eq=False):
    """The result of a step of wear."""

    wear: Wear
    warned: Bools
    """bool[modes, devices]: the controller reports one of the mode's codes."""
    failed: Bools
    """bool[modes + 1, devices]: the last row is for sudden failures."""
    idle_talk: Bools
    """bool[devices]: a fault code without a cause."""


def new_components(shape: tuple[int, ...], rng: Generator) -> Wear:
    return Wear(
        wear=np.zeros(shape),
        hours=np.zeros(shape),
        growth=np.exp(rng.normal(0.0, 0.45, shape)),
        limit=np.clip(rng.normal(1.0, 0.09, shape), 0.75, 1.25),
        visibility=np.exp(rng.normal(0.0, 0.30, shape)),
        rush=np.zeros(shape),
    )


def strain(wear: Wear) -> Floats:
    """The effect of wear on the physics, float64[effects, devices] by `EFFECTS`.

    Proportional to wear to the power 1.5.
    """
    shown = np.minimum(wear.wear, 1.25)
    # not `@`: the threads of BLAS cost more than they save, and round differently on different computers
    return np.asarray(np.einsum("em,mn->en", _EFFECTS, shown * np.sqrt(shown) * wear.visibility))


def step(
    state: Wear, *, life_hours: Floats, speed: Floats, load: Floats, dt: float, rates: Rates, rng: Generator
) -> Wearing:
    """Wear after `dt` seconds of work; `speed` and `load` are 0 to 1, `life_hours` is infinite if a mode is absent.

    Fault codes are generated per unit of wear, not per unit of time: accelerated wear gives the same number.
    """
    chance = rng.random((2, *state.wear.shape))
    fate = rng.random((2, len(speed)))
    days = dt / 86_400.0
    stress = (_AT_IDLE * speed + (1.0 - _AT_IDLE) * load) * (dt / 3600.0)
    hours = state.hours + stress * rates.onset_speed
    began = (chance[0] < (hours**2 - state.hours**2) / life_hours**2) & (state.wear == 0.0)
    growth = _GROWTH * state.growth * (stress * rates.wear_speed)
    wear = state.wear * np.exp(growth * (state.rush == 0.0))  # an injected fault keeps its requested duration
    wear = np.where(began, DEFECT, wear) + state.rush * (speed * dt)
    grown = (wear**2 - state.wear**2) / state.limit**2
    working = speed > 0.0
    sudden = working & (fate[0] < rates.sudden_per_year * rates.onset_speed * days / 365.0)
    return Wearing(
        wear=Wear(wear, hours, state.growth, state.limit, state.visibility, state.rush),
        warned=chance[1] < _WARNINGS * grown,
        failed=np.vstack([(wear >= state.limit) & working, sudden]),
        idle_talk=working & (fate[1] < rates.meaningless_per_day * days),
    )


def code_of(mode: int, severity: float, rng: Generator) -> str:
    """The fault code of a component; a mode's later codes appear only with high wear (0 to 1)."""
    codes = MODES[mode].codes
    reach = min(int(severity * len(codes)) + 1, len(codes))
    return codes[int(rng.integers(reach))]


def idle_talk(modes: Bools, rng: Generator) -> str:
    """A fault code without a cause: mostly noise, sometimes a true code of one of the machine's modes."""
    own = [code for mode, present in zip(MODES, modes, strict=True) if present for code in mode.codes]
    codes = own if own and rng.random() < 0.4 else list(IDLE_TALK)
    return codes[int(rng.integers(len(codes)))]
