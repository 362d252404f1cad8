"""The ordinary reading, in one pass: a register that is believed moved as it should, or stands.

Nearly every reading is one, and a plant sends thousands a second, so what the rules of `energytrack.metering.step` come
to in this case is written out here. Whatever is not ordinary returns None and goes through those rules; a property test
holds both to the same meter, to the bit.
"""

from energytrack.energy import JOULES_PER_KWH
from energytrack.metering.register import (
    CREDIT_JOULES,
    FACTOR_TOO_MUCH,
    FINEST_KWH,
    FIRST_PERIOD,
    LONGEST_PERIOD,
    resolution,
    slack,
)
from energytrack.metering.values import Cover, Meter, Part, Register, Sight, Step, Totals


def ordinary(meter: Meter, sight: Sight) -> Step | None:
    """What an ordinary reading brings, the whole of it; None where it is not ordinary."""
    register, kwh, guess, at = meter.register, sight.kwh, sight.guess, sight.at
    if register is None or kwh is None or guess is None or meter.doubt is not None or meter.distrust is not None:
        return None
    limits = sight.limits
    if register.lent or register.bridged or register.blind_seconds or at - register.seen_at > limits.gap_seconds:
        return None
    used = (kwh - register.kwh) * JOULES_PER_KWH
    age = at - register.moved_at
    seconds = sight.seconds
    explained = register.guess + guess
    idle = meter.idle
    explained_idle = register.guess_idle + guess if idle else register.guess_idle
    idle_seconds = register.idle_seconds + seconds if idle else register.idle_seconds
    idle_estimated = register.idle_estimated or (idle is True and not meter.idle_told)
    totals = meter.totals
    covered_at = meter.covered_at
    count = register.count_kwh
    if used == 0.0:
        if explained > slack(register):
            return None
        parts: tuple[Part, ...] = ()
        measured, idle_joules = totals.measured, 0.0
        following = Register(
            kwh, at, register.moved_at, register.moves, register.repeats + 1, register.credit, register.period, count,
            explained, explained_idle, idle_seconds, 0.0, 0.0, False, idle_estimated,
        )  # fmt: skip
    else:
        allowed = sight.limit * age + register.credit
        if used < 0.0 or used > allowed:
            return None
        if used > FACTOR_TOO_MUCH * explained and explained > 0.5 * limits.standby_watts * age:
            return None
        share = explained_idle / explained if explained > 0.0 else min(1.0, idle_seconds / age)
        idle_joules = used * share
        idle_estimated = idle_estimated and share > 0.0
        period = register.period
        start = max(register.moved_at, min(register.seen_at, at - (FIRST_PERIOD if period is None else period)))
        if register.moves > 0:
            period = min(age, LONGEST_PERIOD if period is None else 2.0 * period)
        if count > FINEST_KWH:
            count = min(count, resolution(kwh))
        parts = (Part(start, at, used, idle_joules, "measured", None, idle_estimated),)
        measured = totals.measured + used
        credit = allowed - used
        following = Register(
            kwh, at, at, register.moves + 1, register.repeats,
            CREDIT_JOULES if credit > CREDIT_JOULES else credit, period, count,
        )  # fmt: skip
    after = Totals(
        totals.opening, measured, totals.bridged, totals.estimated, totals.suspect,
        totals.idle + idle_joules, totals.idle_estimated + idle_joules if idle_estimated else totals.idle_estimated,
        totals.measured_seconds + (at - covered_at),
        totals.bridged_seconds, totals.estimated_seconds, totals.unknown_seconds,
    )  # fmt: skip
    return Step(
        Meter(
            at, sight.watts, sight.idle, sight.idle_told, after, sight.habits, at, following, None, meter.former, None,
            meter.found, meter.idle_known or sight.idle is not None,
        ),
        parts,
        (Cover(covered_at, at, "measured"),),
    )  # fmt: skip
