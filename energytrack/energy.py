"""Energy from readings: a meter that is pure, never falls, and counts no reading twice."""

import math
from typing import Final

from msgspec import Struct

from energytrack.messages import Reading
from energytrack.ratings import Rating

JOULES_PER_KWH: Final = 3.6e6
GAP_LIMIT_SECONDS: Final = 300.0
"""Without a register, a gap longer than this is not bridged: nobody knows what the machine did."""
IDLE_STATES: Final = frozenset({"idle"})


def power_watts(current: float, rating: Rating) -> float:
    """Active power of a three-phase machine, P = sqrt(3) V I pf, from amperes per phase (IEC 60034-1)."""
    return math.sqrt(3.0) * rating.volts * abs(current) * rating.power_factor


class Meter(Struct, frozen=True):
    """What a machine has used, as far as its readings tell."""

    total_joules: float
    """Cumulative; starts at the register's own value where there is one."""
    idle_joules: float
    """The part used in state `idle`, since this meter was started."""
    watts: float | None
    """Power at the last reading; None where the current is not known."""
    at: float
    """Time of the last reading, seconds since the epoch."""
    register_kwh: float | None
    idle: bool


def start_meter(reading: Reading, rating: Rating | None) -> Meter:
    """A meter at a device's first reading."""
    return Meter(
        total_joules=(reading.energy_kwh or 0.0) * JOULES_PER_KWH,
        idle_joules=0.0,
        watts=_watts(reading, rating),
        at=reading.timestamp.timestamp(),
        register_kwh=reading.energy_kwh,
        idle=reading.state in IDLE_STATES,
    )


def advance_meter(meter: Meter, reading: Reading, rating: Rating | None) -> Meter:
    """The meter after one more reading; unchanged by one that is late or repeated.

    With a register on both sides the difference counts, however long the gap. A register that falls (meter replaced)
    or jumps further than the machine could possibly have used starts a new base and counts nothing. Without a register
    power is integrated by trapezoid over gaps up to `GAP_LIMIT_SECONDS`. A step counts as idle when the machine was
    idle at its start.
    """
    at = reading.timestamp.timestamp()
    seconds = at - meter.at
    if seconds <= 0:
        return meter
    watts = _watts(reading, rating)
    used = _used_joules(meter, reading, rating, seconds=seconds, watts=watts)
    return Meter(
        total_joules=meter.total_joules + used,
        idle_joules=meter.idle_joules + (used if meter.idle else 0.0),
        watts=watts,
        at=at,
        register_kwh=meter.register_kwh if reading.energy_kwh is None else reading.energy_kwh,
        idle=reading.state in IDLE_STATES,
    )


def _used_joules(
    meter: Meter, reading: Reading, rating: Rating | None, *, seconds: float, watts: float | None
) -> float:
    if meter.register_kwh is not None:
        if reading.energy_kwh is None:
            return 0.0  # the next register reading brings it
        used = (reading.energy_kwh - meter.register_kwh) * JOULES_PER_KWH
        return used if 0.0 <= used <= _possible_joules(rating, seconds) else 0.0
    if seconds > GAP_LIMIT_SECONDS or meter.watts is None or watts is None:
        return 0.0
    return (meter.watts + watts) / 2.0 * seconds


def _possible_joules(rating: Rating | None, seconds: float) -> float:
    """Four times the rated power (inrush), and one count of a coarse register, 0.1 kWh."""
    if rating is None:
        return math.inf
    return 4.0 * power_watts(rating.rated_amperes, rating) * seconds + 0.1 * JOULES_PER_KWH


def _watts(reading: Reading, rating: Rating | None) -> float | None:
    if reading.current is None or rating is None:
        return None
    return power_watts(reading.current, rating)
