"""Which sensors of a machine are lost or stuck, in words: `check_sensor` names them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from energytrack.messages import Recommendation
from ml.arrays import Floats

LOST_MINUTES: Final = 2.0
STUCK_MINUTES: Final = 20.0
REPEATED_MINUTES: Final = 10.0
"""All values at once, to the last digit: a gateway may repeat its last values for this long."""
_SURE: Final = 0.5
"""As for closing the recommendation: a sensor counts from half of the time on."""


@dataclass(frozen=True, eq=False)
class SensorTimes:
    """How long each sensor has been lost, and stuck while the machine worked, at M readings, in minutes."""

    signals: tuple[str, ...]
    lost: Floats
    """[M, signals]"""
    stuck: Floats
    """[M, signals]"""


def naming(general: Recommendation, times: SensorTimes, i: int, *, repeated_minutes: float) -> Recommendation:
    """The recommendation with the sensors of reading `i` by name; the general one if there is none to name."""
    lost = _longer(times.signals, times.lost[i].tolist(), LOST_MINUTES)
    if lost:
        return _with_signals(general, lost, "lost")
    if repeated_minutes >= _SURE * REPEATED_MINUTES:
        return _with_signals(general, (), "repeated")
    return _with_signals(general, _longer(times.signals, times.stuck[i].tolist(), STUCK_MINUTES), "stuck")


def _longer(signals: tuple[str, ...], minutes: list[float], most: float) -> tuple[str, ...]:
    return tuple(signal for signal, long in zip(signals, minutes, strict=True) if long >= _SURE * most)


@lru_cache(maxsize=1024)
def _with_signals(general: Recommendation, signals: tuple[str, ...], what: str) -> Recommendation:
    if what == "repeated":
        return Recommendation(
            general.code,
            "All values repeat to the last digit while the machine works: Check the gateway, it seems to send the last "
            "good values again and again.",
        )
    if not signals:
        return general
    *others, last = signals[:8]
    sensors = f"sensors {', '.join(others)} and {last}" if others else f"sensor {last}"
    verb = "are" if others else "is"
    if what == "lost":
        return Recommendation(general.code, f"The {sensors} {verb} lost: Check the cable and replace it if need be.")
    shows = "show" if others else "shows"
    return Recommendation(
        general.code,
        f"The {sensors} always {shows} the same value while the machine works: Check the cable and replace it if need "
        "be.",
    )
