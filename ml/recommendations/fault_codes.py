"""Recommendations by fault codes: every manufacturer has its own codes, but most of them contain words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from energytrack.events import DeviceEvent, FaultCode, MaintenanceDone
from ml.arrays import Floats, Integers
from ml.features.recent_events import NEVER, RecentEvents
from ml.settings import RECOMMENDED_BY_CODES

WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "change_tool": ("tool", "cutting"),
    "check_cooling": ("coolant", "cooling", "overheat", "temperature_high", "fan"),
    "check_leaks": ("pressure_low", "oil_level", "air_consumption", "leakage_oil", "pump_overrun", "leak"),
    "check_sensor": ("sensor", "encoder"),
})  # fmt: skip
"""By recommendation: words in a fault code that support it; the first recommendation with a matching word is used."""
NOT_THESE: Final = ("earth_leakage",)
"""Codes that contain such a word but mean something else."""
KINDS: Final = RECOMMENDED_BY_CODES
WITHIN_MS: Final = 24 * 3_600_000
DEPTH: Final = 16
DONE: Final = "maintenance"


def recommendation_for_code(code: str, plant_codes: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The recommendation that a fault code supports; None if unknown.

    `plant_codes` gives recommendations by code, as configured by the plant; they have priority.
    """
    if code in plant_codes:
        return plant_codes[code]
    plain = code.lower().replace("-", "_").replace(" ", "_")
    if plain in NOT_THESE:
        return None
    return next((kind for kind, words in WORDS.items() if any(word in plain for word in words)), None)


class FaultCodeWarnings:
    """The latest fault codes of each device that support a recommendation; maintenance invalidates earlier ones."""

    def __init__(self, devices: int, plant_codes: Mapping[str, str] = MappingProxyType({})) -> None:
        """`plant_codes` gives recommendations by code, as configured by the plant."""
        self._plant_codes = plant_codes
        self._warnings = RecentEvents(devices, depth=DEPTH)
        self._maintenance = RecentEvents(devices, depth=1)

    def grow(self, devices: int) -> None:
        self._warnings.grow(devices)
        self._maintenance.grow(devices)

    def clear(self, device: Integers) -> None:
        self._warnings.clear(device)
        self._maintenance.clear(device)

    def note(self, device: int, event: DeviceEvent) -> None:
        """Store a fault code or a maintenance; other kinds are ignored."""
        at_ms = int(event.timestamp.timestamp() * 1000)
        match event:
            case FaultCode():
                recommendation = recommendation_for_code(event.code, self._plant_codes)
                if recommendation is not None:
                    self._warnings.note(device, recommendation, at_ms)
            case MaintenanceDone():
                self._maintenance.note(device, DONE, at_ms)
            case _:
                pass

    def counts(self, device: Integers, at_ms: Integers) -> Mapping[str, Floats]:
        """Fault codes that support each recommendation, in the last day and since maintenance: counts, [M] each."""
        since_ms = at_ms - WITHIN_MS
        done = self._maintenance.lookup(device, at_ms, since_ms=np.full(len(device), NEVER), among=(DONE,))
        np.maximum.at(
            since_ms, done.row, at_ms[done.row] - done.age_ms
        )  # fault codes before the maintenance do not count
        counts = self._warnings.lookup(device, at_ms, since_ms=since_ms, among=KINDS).counts(WITHIN_MS)
        return {kind: counts[:, i] for i, kind in enumerate(KINDS)}
