"""What controllers' warnings point to: every maker has codes of its own, but most of them are words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from energytrack.messages import DeviceEvent, FaultCode, MaintenanceDone
from ml.arrays import Floats, Integers
from ml.features.recent_events import NEVER, RecentEvents

WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "change_tool": ("tool", "cutting"),
    "check_cooling": ("coolant", "cooling", "overheat", "temperature_high", "fan"),
    "check_leaks": ("pressure_low", "oil_level", "air_consumption", "leakage_oil", "pump_overrun", "leak"),
    "check_sensor": ("sensor", "encoder"),
})  # fmt: skip
"""By recommendation: words in a warning's code that speak for it; the first recommendation with one has it."""
NOT_THESE: Final = ("earth_leakage",)
"""Codes that hold such a word and mean something else."""
KINDS: Final = tuple(WORDS)
WITHIN_MS: Final = 24 * 3_600_000
DEPTH: Final = 16
DONE: Final = "maintenance"


def recommendation_for_code(code: str, told: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The recommendation that a warning speaks for; None where it speaks for none that is known.

    `told` gives recommendations by code, where a plant has said so.
    """
    if code in told:
        return told[code]
    plain = code.lower().replace("-", "_").replace(" ", "_")
    if plain in NOT_THESE:
        return None
    return next((kind for kind, words in WORDS.items() if any(word in plain for word in words)), None)


class FaultCodeWarnings:
    """The latest warnings of each device that speak for a recommendation; maintenance settles those before it."""

    def __init__(self, devices: int, told: Mapping[str, str] = MappingProxyType({})) -> None:
        """`told` gives recommendations by code, where a plant has said so."""
        self._told = told
        self._hints = RecentEvents(devices, depth=DEPTH)
        self._done = RecentEvents(devices, depth=1)

    def grow(self, devices: int) -> None:
        """Make room for more devices."""
        self._hints.grow(devices)
        self._done.grow(devices)

    def clear(self, device: Integers) -> None:
        """Forget devices."""
        self._hints.clear(device)
        self._done.clear(device)

    def note(self, device: int, event: DeviceEvent) -> None:
        """Remember a warning or a maintenance; other kinds say nothing here."""
        at_ms = int(event.timestamp.timestamp() * 1000)
        match event:
            case FaultCode():
                kind = recommendation_for_code(event.code, self._told)
                if kind is not None:
                    self._hints.note(device, kind, at_ms)
            case MaintenanceDone():
                self._done.note(device, DONE, at_ms)
            case _:
                pass

    def counts(self, device: Integers, at_ms: Integers) -> Mapping[str, Floats]:
        """By recommendation: how many warnings of the last day speak for it, since the last maintenance; [M] each."""
        since = at_ms - WITHIN_MS
        done = self._done.lookup(device, at_ms, since_ms=np.full(len(device), NEVER), among=(DONE,))
        np.maximum.at(since, done.row, at_ms[done.row] - done.age_ms)
        known = self._hints.lookup(device, at_ms, since_ms=since, among=KINDS).counts(WITHIN_MS)
        return {kind: known[:, i] for i, kind in enumerate(KINDS)}
