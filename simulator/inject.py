"""Fault injection: wear grows from now on until the machine fails."""

import re
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from energytrack.errors import EnergyTrackError
from energytrack.fields import STATES
from simulator.inbox import Injection
from simulator.machines.arrays import changed
from simulator.machines.faults import MODE_NAMES
from simulator.plant import upkeep
from simulator.plant.factory import Factory, FactoryState

LEAST_SECONDS: Final = 1.0
MOST_SECONDS: Final = 7 * 86_400.0
_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(eq=False)
class InjectionRefused(EnergyTrackError):
    """A fault that cannot be injected."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def duration_seconds(text: str) -> float:
    """`90s`, `5m`, `1.5h`, `2d` or plain seconds; raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration: write 90s, 5m, 1.5h or 2d")
    return float(match[1]) * _UNITS[match[2] or "s"]


def inject(factory: Factory, state: FactoryState, injection: Injection) -> tuple[FactoryState, str]:
    """The plant with the growing fault, and a sentence about it; raises InjectionRefused."""
    device = factory.device(injection.device_id)
    if device is None:
        few = ", ".join(d.device_id for d in factory.fleet.devices[:3])
        raise InjectionRefused(f"there is no machine {injection.device_id}; the machines are {few} and so on")
    if injection.fault not in MODE_NAMES:
        raise InjectionRefused(f"there is no fault {injection.fault}; the faults are {', '.join(MODE_NAMES)}")
    mode = MODE_NAMES.index(injection.fault)
    if not factory.present[mode, device]:
        own = ", ".join(name for name, has in zip(MODE_NAMES, factory.present[:, device], strict=True) if has)
        raise InjectionRefused(f"{injection.device_id} cannot have {injection.fault}, only {own}")
    if not LEAST_SECONDS <= injection.seconds <= MOST_SECONDS:
        raise InjectionRefused("the duration must be between one second and seven days")
    condition = state.upkeep.condition[device]
    if condition != upkeep.SOUND:
        word = "has failed already" if condition == upkeep.FAILED else "is in maintenance"
        raise InjectionRefused(f"{injection.device_id} {word}")
    left = float(state.wear.limit[mode, device] - state.wear.wear[mode, device])
    wear = changed(state.wear, (mode, device), rush=left / injection.seconds)
    sentence = f"{injection.fault} grows on {injection.device_id} over {injection.seconds:g} s of operation"
    if not state.schedule.on[device]:
        sentence += f"; it is {STATES[state.shown[device]]} now: restart it"
    return replace(state, wear=wear), sentence
