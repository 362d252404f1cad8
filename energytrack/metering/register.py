"""A trusted register: how it moves, and the energy by current that is held back while it does not."""

from typing import Final

from msgspec.structs import replace

from energytrack.machines.power import JOULES_PER_KWH
from energytrack.metering.reasons import Reason
from energytrack.metering.values import EnergyPart, ImplausibleRegister, Observation, Register, Verdict

CREDIT_JOULES: Final = JOULES_PER_KWH
"""A register in whole kilowatt hours may move by one at any moment."""
FACTOR_TOO_MUCH: Final = 300.0
"""A move of this many times what the current explains is not real: Wh sent as kWh give a factor of 1000."""
LONGEST_PERIOD: Final = 3600.0
FIRST_PERIOD: Final = 900.0
"""Until a register has moved twice, its first move is assumed to cover at most a quarter of an hour."""


def first_seen(kwh: float, at: float) -> Register:
    """A register at its first reading."""
    return Register(kwh, at, at, credit=CREDIT_JOULES, count_kwh=resolution(kwh))


def believable(baseline: Register | ImplausibleRegister, used: float, observed: Observation) -> bool:
    """Whether a register may have moved by `used` joules since it moved last.

    At most what the machine can use, and a count of a coarse register. Nor hundreds of times what the current explains,
    if that is known throughout and is at least a standby current.
    """
    seconds = observed.at - baseline.moved_at
    if used < 0.0 or used > observed.limit * seconds + baseline.credit:
        return False
    if baseline.blind_seconds > 0.0 or baseline.guess <= 0.5 * observed.limits.standby_watts * seconds:
        return True
    return used <= FACTOR_TOO_MUCH * baseline.guess


def waited(register: Register, observed: Observation, *, idle: bool | None, idle_reported: bool) -> Register:
    """The register with the energy that the current shows for the seconds since the previous reading."""
    guess, seconds = observed.guess, observed.seconds
    return replace(
        register,
        guess=register.guess + (guess or 0.0),
        guess_idle=register.guess_idle + (guess or 0.0 if idle else 0.0),
        idle_seconds=register.idle_seconds + (seconds if idle else 0.0),
        blind_seconds=register.blind_seconds + (seconds if guess is None else 0.0),
        idle_estimated=register.idle_estimated or (idle is True and not idle_reported),
    )


def after_move(register: Register, kwh: float, used: float, observed: Observation) -> Register:
    """The register after a plausible move."""
    at = observed.at
    age = at - register.moved_at
    period = register.period
    if register.moves > 0:
        period = min(age, LONGEST_PERIOD if period is None else 2.0 * period)
    count = register.count_kwh
    return Register(
        kwh, at, at, register.moves + 1, register.repeats,
        min(CREDIT_JOULES, max(0.0, register.credit + observed.limit * age - used)),
        period, count if count <= FINEST_KWH else min(count, resolution(kwh)),
    )  # fmt: skip


def based(register: Register, kwh: float, at: float) -> Register:
    """The register that continues from another value."""
    return Register(
        kwh,
        at,
        at,
        max(register.moves, 1),
        register.repeats,
        0.0,
        register.period,
        min(register.count_kwh, resolution(kwh)),
    )


def used_since(register: Register, at: float) -> float:
    """Start of the time in which the energy of a move at `at` was used: a period ago, or the last reading if older."""
    period = FIRST_PERIOD if register.period is None else register.period
    return max(register.moved_at, min(register.seen_at, at - period))


def part(
    register: Register, span: tuple[float, float], joules: float, verdict: Verdict, reason: Reason | None = None
) -> EnergyPart:
    """An amount of energy, used between two times, with the idle share of the time since the register moved."""
    start, end = span
    if register.guess > 0.0 and register.blind_seconds == 0.0:
        share = register.guess_idle / register.guess
    else:
        seconds = end - register.moved_at
        share = min(1.0, register.idle_seconds / seconds) if seconds > 0.0 else 0.0
    idle_estimated = register.idle_estimated and share > 0.0
    return EnergyPart(start, end, joules, joules * share, verdict, reason, idle_estimated)


def slack(register: Register) -> float:
    """Joules by current that a register may lag behind without being overdue."""
    return CREDIT_JOULES + 3.0 * register.count_kwh * JOULES_PER_KWH


FINEST_KWH: Final = 0.001


def resolution(kwh: float) -> float:
    """The decimal place that a register's value shows, in kilowatt hours."""
    for count, decimals in ((1.0, 0), (0.1, 1), (0.01, 2)):
        if round(kwh, decimals) == kwh:
            return count
    return FINEST_KWH
