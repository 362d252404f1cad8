"""Judges a register value that does not fit: the next ones show a blink, an exchanged meter or a wrong unit."""

import math
import struct
from typing import Final, Literal

from msgspec.structs import replace

from energytrack.machines.power import JOULES_PER_KWH
from energytrack.metering.reasons import Reason
from energytrack.metering.register import CREDIT_JOULES, LONGEST_PERIOD, believable
from energytrack.metering.values import ImplausibleRegister, Observation, Register

GOES_ON: Final = 2
"""After this many plausible rises, the new value is the register."""
IN_A_ROW: Final = 3
"""This many leaps, or falls, are not an accident."""
DAY_SECONDS: Final = 86_400.0
WH_RATIO: Final = (300.0, 3000.0)
"""Watt hours read as kilowatt hours are a thousand times what the current explains; current is no exact measure."""
NEAR_ZERO_KWH: Final = 1.0
LEAST_ROLLOVER_KWH: Final = 1000.0

Judgement = Reason | Literal["first_move"]


def follow(
    implausible: ImplausibleRegister | None, register: Register, kwh: float, observed: Observation
) -> ImplausibleRegister:
    """The implausible register after one more value that does not follow from the trusted register."""
    at = observed.at
    if implausible is None:
        below = kwh < register.kwh
        return ImplausibleRegister(kwh, at, kwh, at, CREDIT_JOULES, falls=int(below), leaps=int(not below))
    implausible = replace(
        implausible,
        guess=implausible.guess + (observed.guess or 0.0),
        blind_seconds=implausible.blind_seconds + (observed.seconds if observed.guess is None else 0.0),
    )
    used = (kwh - implausible.kwh) * JOULES_PER_KWH
    if used == 0.0:
        return implausible
    if believable(implausible, used, observed):
        credit = min(CREDIT_JOULES, implausible.credit + observed.limit * (at - implausible.moved_at) - used)
        return ImplausibleRegister(
            implausible.first_kwh,
            implausible.first_at,
            kwh,
            at,
            credit,
            rises=implausible.rises + 1,
            leaps=implausible.leaps,
        )
    falls, leaps = (implausible.falls + 1, 0) if used < 0.0 else (0, implausible.leaps + 1)
    return ImplausibleRegister(kwh, at, kwh, at, CREDIT_JOULES, falls=falls, leaps=leaps)


def judged(implausible: ImplausibleRegister, register: Register, limit: float) -> Judgement | None:
    """The judgement on an implausible register, as soon as it is clear; None until then."""
    return (
        _above(implausible, register, limit) if implausible.kwh > register.kwh else _below(implausible, register, limit)
    )


def _above(implausible: ImplausibleRegister, register: Register, limit: float) -> Judgement | None:
    leapt = (implausible.first_kwh - register.kwh) * JOULES_PER_KWH
    if implausible.rises >= 1 and register.moves == 0 and leapt <= limit * LONGEST_PERIOD:
        return "first_move"  # it is not known how long the register had stood before
    if implausible.rises >= GOES_ON:
        return "exchanged_higher" if leapt > limit * DAY_SECONDS else "leap"
    if implausible.leaps >= IN_A_ROW:
        risen = (implausible.kwh - register.kwh) * JOULES_PER_KWH
        low, high = WH_RATIO
        is_current_known = register.blind_seconds == 0.0 and register.guess > 0.0
        return "looks_like_wh" if is_current_known and low <= risen / register.guess <= high else "above_limit"
    return None


def _below(implausible: ImplausibleRegister, register: Register, limit: float) -> Judgement | None:
    fallen = register.kwh - implausible.first_kwh
    if (
        implausible.falls >= IN_A_ROW
        and fallen * JOULES_PER_KWH <= limit * (implausible.first_at - register.moved_at) + CREDIT_JOULES
    ):
        return "runs_backwards"
    if implausible.rises >= 1 and rolled_over(implausible, register, limit) is not None:
        return "rollover"
    if implausible.rises < GOES_ON or is_dip(implausible.first_kwh, register):
        return None
    return "reset" if implausible.first_kwh <= NEAR_ZERO_KWH else "exchanged_lower"


def is_dip(kwh: float, register: Register) -> bool:
    """Whether a lower value is so close that the register will certainly pass its old value again."""
    return register.kwh - kwh <= max(1.0, 3.0 * register.count_kwh) and kwh >= register.kwh / 2.0


def rolled_over(implausible: ImplausibleRegister, register: Register, limit: float) -> float | None:
    """Kilowatt hours over a rollover; None if the register did not roll over."""
    if register.kwh < 0.9 * LEAST_ROLLOVER_KWH:
        return None
    full = 10.0 ** math.ceil(math.log10(register.kwh + register.count_kwh / 2.0))
    through = full - register.kwh + implausible.first_kwh
    age = implausible.first_at - register.moved_at
    return through if through * JOULES_PER_KWH <= limit * age + CREDIT_JOULES else None


def passing(implausible: ImplausibleRegister, register: Register) -> Reason:
    """The reason for a momentary value, once the register is back where it was."""
    if implausible.first_kwh == 0.0:
        return "blink"
    if implausible.first_kwh < register.kwh:
        return "dip"
    return "words_swapped" if words_swapped(implausible.first_kwh, register.kwh) else "spike"


def words_swapped(kwh: float, expected: float) -> bool:
    """Whether a value is the expected one with the two 16-bit words of its 32 bits exchanged."""
    return any(
        abs(candidate - expected) <= 0.01 * expected + 1.0
        for factor in (1.0, 10.0, 100.0, 1000.0)
        for candidate in _swapped(kwh, factor)
    )


def _swapped(kwh: float, factor: float) -> tuple[float, ...]:
    candidates: list[float] = []
    whole = round(kwh * factor)
    if 0 <= whole < 1 << 32:
        candidates.append(((whole & 0xFFFF) << 16 | whole >> 16) / factor)
    if factor == 1.0 and kwh < 3.0e38:
        bits = struct.pack(">f", kwh)
        candidates.append(struct.unpack(">f", bits[2:] + bits[:2])[0])
    return tuple(value for value in candidates if math.isfinite(value))
