"""The meter's rules: the energy that any reading shows. Pure: the same readings always give the same numbers.

A register is trusted while it moves as this machine's register can, judged over the time since its *value* last
changed (`register.believable`). A value that does not fit is implausible: nothing is counted, and the next values show
whether it was a blink, another meter, or another unit (`implausible.judged`). If there is no register, or none that
works, energy is computed from the current, and that is offset against the register's next move, so that nothing counts
twice.
"""

from typing import Final, Literal

from msgspec.structs import replace

from energytrack.machines.power import IDLE_STATES, JOULES_PER_KWH
from energytrack.messages import Reading
from energytrack.metering.implausible import Judgement, follow, judged, passing, rolled_over
from energytrack.metering.limits import Limits, UsageHistory, idle_by_current, limit_watts, watts_by_current
from energytrack.metering.reasons import Reason
from energytrack.metering.register import (
    CREDIT_JOULES,
    after_move,
    based,
    believable,
    first_seen,
    part,
    slack,
    used_since,
    waited,
)
from energytrack.metering.tally import counted, covered, recorded, reported
from energytrack.metering.values import (
    Distrust,
    EnergyPart,
    FormerRegister,
    ImplausibleRegister,
    Meter,
    MeterFinding,
    MeterRecord,
    Observation,
    Register,
    Step,
)

OVERDUE_SECONDS: Final = 7200.0
"""Registers are refreshed at least once an hour: one that stands still for twice that time, or for four of its own
periods, while current flows, does not work."""
TRUSTED_AFTER: Final = 5
"""After this many plausible moves in a row, a register is trusted again."""
FORMER_SECONDS: Final = 86_400.0
"""If the old register comes back within this time after an exchange, it was not an exchange."""
WINDOW_SECONDS: Final = 900.0


def first_meter(reading: Reading, limits: Limits, at: float) -> Meter:
    """The meter at a machine's first reading."""
    idle, is_reported = _idle(reading, limits)
    kwh = reading.energy_kwh
    opening = 0.0 if kwh is None else kwh * JOULES_PER_KWH
    return Meter(
        at=at,
        watts=watts_by_current(reading.current, limits),
        idle=idle,
        idle_reported=is_reported,
        covered_at=at,
        record=MeterRecord(
            UsageHistory(at, max(reading.current or 0.0, 0.0), window_at=at, window_billed=opening),
            opening=opening,
            idle_known=idle is not None,
        ),
        register=None if kwh is None else first_seen(kwh, at),
    )


def by_the_rules(meter: Meter, reading: Reading, limits: Limits, at: float) -> Step:
    """The meter after one reading, and what that contributes."""
    observed = _observe(meter, reading, limits, at)
    taken = _with_reading(meter, observed)
    after = taken.meter
    record = after.record
    if observed.habits is not record.habits or (observed.idle is not None and not record.idle_known):
        idle_known = record.idle_known or observed.idle is not None
        after = recorded(after, habits=observed.habits, idle_known=idle_known)
    after = replace(after, at=at, watts=observed.watts, idle=observed.idle, idle_reported=observed.idle_reported)
    taken = Step(after, taken.parts, taken.covers, taken.findings)
    if reading.current is not None and reading.current < -limits.noise_amperes:
        return reported(taken, MeterFinding("meter_suspect", "negative_current", at))
    return taken


def _observe(meter: Meter, reading: Reading, limits: Limits, at: float) -> Observation:
    seconds = at - meter.at
    watts = watts_by_current(reading.current, limits)
    guess: float | None = None
    if watts is not None and meter.watts is not None and seconds <= limits.gap_seconds:
        guess = (meter.watts + watts) / 2.0 * seconds
    habits = meter.record.habits if limits.most_watts is not None else _habits(meter, reading, at)
    return Observation(
        at, reading.energy_kwh, seconds, guess, limits, limit_watts(limits, habits, at), watts,
        *_idle(reading, limits), habits,
    )  # fmt: skip


def _with_reading(meter: Meter, observed: Observation) -> Step:
    """Update energy and register; the rest of the meter still shows the reading before."""
    at, kwh, register = observed.at, observed.kwh, meter.register
    if register is None:
        taken = _by_current(meter, observed)
        return taken if kwh is None else replace(taken, meter=replace(taken.meter, register=first_seen(kwh, at)))
    register = waited(register, observed, idle=meter.idle, idle_reported=meter.idle_reported)
    if kwh is None:
        return _overdue(meter, register, at, "register_missing")
    distrust = meter.record.distrust
    if distrust is not None:
        return _distrusted(meter, distrust, register, kwh, observed)
    return _followed(meter, register, kwh, observed)


def _followed(meter: Meter, register: Register, kwh: float, observed: Observation) -> Step:
    """Judge the next value of a trusted register."""
    at = observed.at
    used = (kwh - register.kwh) * JOULES_PER_KWH
    implausible, former = meter.record.implausible, meter.record.former
    leapt = (
        implausible is not None and register.kwh < implausible.first_kwh <= kwh
    )  # a long time alone does not make it plausible
    if not leapt and believable(register, used, observed):
        return _believed(meter, register, kwh, used, observed)
    if former is not None and _is_former(former, kwh, observed):
        return _returned(meter, register, former, kwh, at)
    implausible = follow(implausible, register, kwh, observed)
    judgement = judged(implausible, register, observed.limit)
    if judgement is None:
        return _overdue(recorded(meter, implausible=implausible), register, at, "unreadable")
    return _decided(meter, register, implausible, judgement, observed)


def _by_current(meter: Meter, observed: Observation) -> Step:
    """Without a register, integrate power by the trapezoidal rule, or count the time as unknown."""
    at, guess = observed.at, observed.guess
    if guess is None:
        return covered(Step(meter), at, "unknown")
    idle = guess if meter.idle else 0.0
    is_reported = meter.idle_reported or idle == 0.0
    used = EnergyPart(meter.at, at, guess, idle, "estimated", "no_register", idle_estimated=not is_reported)
    return counted(covered(Step(meter), at, "estimated"), used)


def _believed(meter: Meter, register: Register, kwh: float, used: float, observed: Observation) -> Step:
    """Count a plausible move of the register, or hold energy by current back while it stands still."""
    at = observed.at
    gap = at - register.seen_at > observed.limits.gap_seconds
    taken = Step(meter)
    if used > 0.0:
        basis: Literal["measured", "bridged"] = "bridged" if gap or register.bridged else "measured"
        reason: Reason | None = "gap" if basis == "bridged" else None
        joules = max(0.0, used - register.counted_joules)
        taken = counted(taken, part(register, (used_since(register, at), at), joules, basis, reason))
        taken = covered(taken, at, basis)
        register = after_move(register, kwh, used, observed)
    else:
        register = replace(register, seen_at=at, repeats=register.repeats + 1, bridged=register.bridged or gap)
        if register.guess <= slack(register):
            taken = covered(taken, at, "bridged" if gap else "measured")
        else:
            taken = _overdue(meter, register, at, "stands_still")
            register = taken.meter.register or register
    implausible = meter.record.implausible
    after = replace(taken.meter, register=register)
    taken = replace(taken, meter=after if implausible is None else recorded(after, implausible=None))
    if implausible is not None and (passed := passing(implausible, register)) != "dip":
        return reported(taken, MeterFinding("meter_suspect", passed, at, register.kwh, implausible.first_kwh))
    return taken


def _overdue(meter: Meter, register: Register, at: float, reason: Reason) -> Step:
    """If a register has not moved for too long while current flows, count by current until it does."""
    patience = max(OVERDUE_SECONDS, 4.0 * (register.period or 0.0))
    if at - register.moved_at <= patience or register.guess <= slack(register):
        return Step(replace(meter, register=register))
    return reported(
        _count_current(Step(meter), register, at, reason), MeterFinding("meter_suspect", reason, at, register.kwh)
    )


def _count_current(taken: Step, register: Register, at: float, reason: Reason) -> Step:
    """Count energy by current that was not counted yet; the register's next move is reduced by it."""
    meter = taken.meter
    joules = register.guess - register.counted_joules
    if joules <= 0.0:
        return covered(replace(taken, meter=replace(meter, register=register)), at, "unknown")
    start = meter.at if register.counted_joules > 0.0 else register.moved_at
    if register.counted_joules == 0.0 and register.blind_seconds > 0.0:
        taken = covered(taken, min(at, meter.covered_at + register.blind_seconds), "unknown")
    taken = counted(taken, part(register, (start, at), joules, "estimated", reason))
    taken = covered(taken, at, "estimated")
    return replace(taken, meter=replace(taken.meter, register=replace(register, counted_joules=register.guess)))


def _is_former(former: FormerRegister, kwh: float, observed: Observation) -> bool:
    seconds = observed.at - former.at
    used = (kwh - former.kwh) * JOULES_PER_KWH
    return seconds < FORMER_SECONDS and 0.0 <= used <= observed.limit * seconds + CREDIT_JOULES


def _returned(meter: Meter, register: Register, former: FormerRegister, kwh: float, at: float) -> Step:
    """Return to the previous register: it includes what was billed meanwhile."""
    used = (kwh - former.kwh) * JOULES_PER_KWH
    joules = max(0.0, used - (meter.billed - former.billed) - register.counted_joules)
    taken = counted(Step(meter), part(register, (former.at, at), joules, "bridged", "former_returned"))
    taken = _settled(covered(taken, at, "bridged"), based(register, kwh, at))
    return reported(taken, MeterFinding("meter_suspect", "former_returned", at, register.kwh, kwh))


def _decided(
    meter: Meter, register: Register, implausible: ImplausibleRegister, judgement: Judgement, observed: Observation
) -> Step:
    """Apply what the implausible register turned out to be."""
    at, before, kwh, first = observed.at, register.kwh, implausible.kwh, implausible.first_at
    risen = (kwh - before) * JOULES_PER_KWH
    since_first = max(0.0, (kwh - implausible.first_kwh) * JOULES_PER_KWH - register.counted_joules)
    following = based(register, kwh, at)
    if judgement == "first_move":
        joules = max(0.0, risen - register.counted_joules)
        taken = counted(Step(meter), part(register, (used_since(register, at), at), joules, "measured"))
        return _settled(covered(taken, at, "measured"), replace(following, period=at - first))
    if judgement in ("looks_like_wh", "above_limit", "runs_backwards"):
        taken = counted(Step(meter), part(register, (register.moved_at, at), abs(risen), "suspect", judgement))
        taken = _settled(_count_current(taken, register, at, judgement), following, distrust=Distrust(judgement, at))
        return reported(taken, MeterFinding("meter_suspect", judgement, at, before, kwh))
    if judgement == "rollover":
        joules = (rolled_over(implausible, register, observed.limit) or 0.0) * JOULES_PER_KWH + since_first
        taken = counted(Step(meter), part(register, (register.moved_at, at), joules, "measured", judgement))
    else:
        taken = covered(Step(meter), max(first, meter.covered_at), "unknown")
        leapt = max(0.0, (implausible.first_kwh - before) * JOULES_PER_KWH)
        taken = counted(taken, part(register, (register.moved_at, first), leapt, "suspect", judgement))
        taken = counted(taken, part(register, (first, at), since_first, "measured"))
    former = FormerRegister(before, register.moved_at, meter.billed)
    taken = _settled(covered(taken, at, "measured"), following, former=former)
    kind: Literal["meter_suspect", "meter_exchanged"] = "meter_suspect" if judgement == "leap" else "meter_exchanged"
    return reported(taken, MeterFinding(kind, judgement, at, before, implausible.first_kwh))


def _settled(
    taken: Step, register: Register, *, former: FormerRegister | None = None, distrust: Distrust | None = None
) -> Step:
    meter = replace(taken.meter, register=register)
    return replace(taken, meter=recorded(meter, implausible=None, former=former, distrust=distrust))


def _distrusted(meter: Meter, distrust: Distrust, register: Register, kwh: float, observed: Observation) -> Step:
    """Bill nothing from this register: until it moves plausibly, its moves are suspect and the current counts."""
    at = observed.at
    used = (kwh - register.kwh) * JOULES_PER_KWH
    taken = _count_current(Step(meter), register, at, distrust.reason)
    if used == 0.0:
        return taken
    good = believable(register, used, observed) and (register.blind_seconds > 0.0 or used >= register.guess / 5.0)
    distrust = replace(distrust, good=distrust.good + 1 if good else 0)
    most = WORST_FACTOR * observed.limit * (at - register.moved_at) + CREDIT_JOULES
    if abs(used) <= most and (used > 0.0 or distrust.reason == "runs_backwards"):
        taken = counted(taken, part(register, (register.moved_at, at), abs(used), "suspect", distrust.reason))
    trusted = distrust.good >= TRUSTED_AFTER
    return _settled(taken, based(register, kwh, at), distrust=None if trusted else distrust)


WORST_FACTOR: Final = 1000.0
"""A register in the wrong unit moves by this many times the limit; one that blinks to zero moves by more."""


def _idle(reading: Reading, limits: Limits) -> tuple[bool | None, bool]:
    """Whether the machine is idle, and whether it said so itself."""
    if reading.state is not None:
        return reading.state in IDLE_STATES, True
    return idle_by_current(reading.current, limits), False


def _habits(meter: Meter, reading: Reading, at: float) -> UsageHistory:
    habits = meter.record.habits
    if reading.current is not None and reading.current > habits.most_amperes:
        habits = replace(habits, most_amperes=reading.current)
    seconds = at - habits.window_at
    if seconds < WINDOW_SECONDS:
        return habits
    billed = meter.billed
    watts = (billed - habits.window_billed) / seconds
    return replace(habits, most_watts=max(habits.most_watts, watts), window_at=at, window_billed=billed)
