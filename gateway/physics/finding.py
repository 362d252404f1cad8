"""Comparisons and their results. Pure."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from gateway.profile import CURRENTS, PHASES, POWERS, VOLTAGES, Quantity

NOTHING_FLOWS: Final = 0.02
"""Amperes; below, there is nothing to judge."""
TOLERANCE: Final = 0.06
"""Of meters of class 1 and 2, whose values are not read at the same instant."""
SCALES: Final = (0.001, 0.01, 0.1, 10.0, 100.0, 1000.0)

Grade = Literal["ok", "unproven", "wrong"]


class Finding(Struct, frozen=True):
    """The result of one comparison."""

    grade: Grade
    subject: str
    text: str
    remedy: str = ""


class MeterSnapshot(Struct, frozen=True):
    """A meter's values at one moment."""

    seconds: float
    """Since the first one."""
    values: Mapping[Quantity, float]
    words: Mapping[Quantity, tuple[int, ...]] = {}
    """The registers as they were read."""


class Phase(NamedTuple):
    name: str
    volts: float
    amperes: float
    watts: float | None

    @property
    def factor(self) -> float | None:
        """The power factor implied by the phase's power."""
        apparent = self.volts * self.amperes
        return None if self.watts is None or not apparent else self.watts / apparent


def phases_of(values: Mapping[Quantity, float]) -> list[Phase]:
    """The phases whose voltage and current are known."""
    phases = []
    for name in PHASES:
        volts, amperes = values.get(VOLTAGES[name]), values.get(CURRENTS[name])
        if volts is not None and amperes is not None:
            watts = values.get(POWERS[name])
            phases.append(Phase(name.upper(), volts, amperes, watts))
    return phases


def scale_into(value: float, limits: tuple[float, float]) -> float | None:
    """The power of ten that brings a value between the limits."""
    return next((scale for scale in SCALES if limits[0] <= value * scale <= limits[1]), None)
