"""The meter: counts the energy that one reading shows. Pure: the same readings always give the same numbers.

Nearly every reading is an ordinary one: a trusted register moved as it should, or did not move. A plant sends thousands
of them a second, so this module repeats what `energytrack.metering.rules` does in this case: in one pass, with
comparisons instead of `min` and `max`, and without objects that are not returned. All other readings go through those
rules; a property test checks that both give the same meter, to the bit.
"""

from msgspec.structs import replace

from energytrack.machines.power import IDLE, JOULES_PER_KWH
from energytrack.messages import Reading
from energytrack.metering.limits import Limits, idle_by_current
from energytrack.metering.register import (
    CREDIT_JOULES,
    FACTOR_TOO_MUCH,
    FINEST_KWH,
    FIRST_PERIOD,
    LONGEST_PERIOD,
    resolution,
    slack,
)
from energytrack.metering.rules import by_the_rules, first_meter
from energytrack.metering.values import CoverageSpan, EnergyPart, Meter, Register, Step


def step(  # noqa: C901, PLR0911, PLR0912, PLR0915 -- one pass: a call of a function costs as much as five of its lines
    meter: Meter | None, reading: Reading, limits: Limits
) -> Step:
    """The meter after one more reading; the same object after a late or repeated one."""
    at = reading.timestamp.timestamp()
    if meter is None:
        return Step(first_meter(reading, limits, at))
    last = meter.at
    if at <= last:
        return Step(meter)
    register = meter.register
    kwh = reading.energy_kwh
    amperes = reading.current
    before = meter.watts
    limit = limits.most_watts
    watts_per_ampere = limits.watts_per_ampere
    if register is None or kwh is None or amperes is None or before is None or limit is None:
        return by_the_rules(meter, reading, limits, at)
    record = meter.record
    if watts_per_ampere is None or amperes < 0.0 or record.implausible is not None or record.distrust is not None:
        return by_the_rules(meter, reading, limits, at)
    seconds = at - last
    watts = amperes * watts_per_ampere
    explained = guess = (before + watts) / 2.0 * seconds
    explained_idle = 0.0
    idle_seconds = 0.0
    idle_guessed = False
    start = register.moved_at
    if start < last:  # it stood still meanwhile: the energy by current of that time was kept
        seen_at = register.seen_at
        if register.counted_joules or register.bridged or register.blind_seconds or at - seen_at > limits.gap_seconds:
            return by_the_rules(meter, reading, limits, at)
        explained = register.guess + guess
        explained_idle, idle_seconds, idle_guessed = register.guess_idle, register.idle_seconds, register.idle_estimated
    elif seconds > limits.gap_seconds:
        return by_the_rules(meter, reading, limits, at)
    if meter.idle:
        explained_idle += guess
        idle_seconds += seconds
        idle_guessed = idle_guessed or not meter.idle_reported
    idle_joules = 0.0
    used = (kwh - register.kwh) * JOULES_PER_KWH
    if used == 0.0:
        if explained > CREDIT_JOULES and explained > slack(register):
            return by_the_rules(meter, reading, limits, at)
        parts: tuple[EnergyPart, ...] = ()
        following = Register(
            kwh, at, start, register.moves, register.repeats + 1, register.credit, register.period,
            register.count_kwh, explained, explained_idle, idle_seconds, 0.0, 0.0, False, idle_guessed,
        )  # fmt: skip
    else:
        age = at - start
        credit = limit * age + register.credit - used
        if used < 0.0 or credit < 0.0:
            return by_the_rules(meter, reading, limits, at)
        if used > FACTOR_TOO_MUCH * explained and explained > 0.5 * limits.standby_watts * age:
            return by_the_rules(meter, reading, limits, at)
        credit = CREDIT_JOULES if credit > CREDIT_JOULES else credit
        if idle_seconds > 0.0:
            share = explained_idle / explained if explained > 0.0 else min(1.0, idle_seconds / age)
            idle_joules = used * share
            idle_guessed = idle_guessed and share > 0.0
        moves = register.moves
        period = register.period
        count = register.count_kwh
        if start < last:
            start = max(start, min(register.seen_at, at - (FIRST_PERIOD if period is None else period)))
        if moves > 0:
            longest = LONGEST_PERIOD if period is None else 2.0 * period
            period = age if age < longest else longest
        if count > FINEST_KWH and (finer := resolution(kwh)) < count:
            count = finer
        if idle_guessed:
            parts = (EnergyPart(start, at, used, idle_joules, "measured", None, True),)
        else:
            parts = (EnergyPart(start, at, used, idle_joules, "measured"),)
        following = Register(kwh, at, at, moves + 1, register.repeats, credit, period, count)
    covered_at = meter.covered_at
    state = reading.state
    is_reported = state is not None
    idle = state == IDLE if is_reported else idle_by_current(amperes, limits)
    if idle is not None and not record.idle_known:
        record = replace(record, idle_known=True)
    return Step(
        Meter(
            at, watts, idle, is_reported, at, record, following,
            meter.measured + used, meter.measured_seconds + (at - covered_at), meter.idle_joules + idle_joules,
            meter.idle_estimated + idle_joules if idle_guessed else meter.idle_estimated,
        ),
        parts,
        (CoverageSpan(covered_at, at, "measured"),),
    )  # fmt: skip
