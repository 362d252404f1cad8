"""A machine's highest possible power, and its power by current: what the meter knows besides the readings."""

import math
from typing import Final, Literal

from msgspec import Struct

from energytrack.machines.power import IDLE_BAND, power_watts
from energytrack.machines.ratings import Rating

GAP_SECONDS: Final = 300.0
"""If two readings are further apart, what happened in between is unknown, unless a register shows it."""
DEFAULT_WATTS: Final = 1e6
"""The maximum power of a machine about which nothing is known."""
MARGIN: Final = 4.0
"""The limit as a multiple of the rated power, or of the highest current seen: machines start with several times it."""
LEAST_WATTS: Final = 10e3
"""A limit learnt from a machine's own past is never lower than this: it may not have worked yet."""
LimitBasis = Literal["rating", "current", "past", "setting"]
"""What a machine's limit comes from; `setting`: nothing is known of it."""
MAINS_VOLTS: Final = 400.0
"""Line to line, if the type has no voltage."""
LEARNING_SECONDS: Final = 86_400.0
"""After this time, a machine's own history counts as its limit."""


class Limits(Struct, frozen=True):
    """What is known of a machine besides its readings; made by `limits_of`, once per machine."""

    gap_seconds: float = GAP_SECONDS
    most_watts: float | None = None
    """The highest power by the type's rating."""
    default_watts: float = DEFAULT_WATTS
    watts_per_ampere: float | None = None
    standby_watts: float = 0.0
    noise_amperes: float = 0.5
    """A current that is negative by less than this is zero."""
    idle_amperes: tuple[float, float] | None = None
    """Between these it is idle, if it does not report its state."""


class UsageHistory(Struct, frozen=True, gc=False):
    """What this machine used before: a limit if neither type nor current gives one."""

    since: float
    most_amperes: float = 0.0
    most_watts: float = 0.0
    """Highest mean power over a quarter of an hour or more."""
    window_at: float = 0.0
    window_billed: float = 0.0


def limits_of(
    rating: Rating | None, *, gap_seconds: float = GAP_SECONDS, default_watts: float = DEFAULT_WATTS
) -> Limits:
    """The limits of a machine by its type's rating, None for an unknown type."""
    if rating is None:
        return Limits(gap_seconds, default_watts=default_watts)
    low, high = IDLE_BAND
    return Limits(
        gap_seconds,
        most_watts=MARGIN * power_watts(rating.rated_amperes, rating),
        default_watts=default_watts,
        watts_per_ampere=power_watts(1.0, rating),
        standby_watts=power_watts(rating.standby_amperes, rating),
        noise_amperes=max(0.5, 0.02 * rating.rated_amperes),
        idle_amperes=(low * rating.idle_amperes, high * rating.idle_amperes),
    )


def limit_basis(limits: Limits, habits: UsageHistory, at: float) -> LimitBasis:
    """What the limit comes from: the machine's type, else its current, else its past, else the setting."""
    if limits.most_watts is not None:
        return "rating"
    if habits.most_amperes > 0.0:
        return "current"
    return "past" if habits.most_watts > 0.0 and at - habits.since >= LEARNING_SECONDS else "setting"


def limit_watts(limits: Limits, habits: UsageHistory, at: float) -> float:
    """The machine's highest possible power, on the basis that `limit_basis` gives."""
    if limits.most_watts is not None:
        return limits.most_watts
    basis = limit_basis(limits, habits, at)
    if basis == "current":
        seen = MARGIN * math.sqrt(3.0) * MAINS_VOLTS * habits.most_amperes
    elif basis == "past":
        seen = MARGIN * habits.most_watts
    else:
        seen = limits.default_watts
    return min(max(seen, LEAST_WATTS), limits.default_watts)


def watts_by_current(amperes: float | None, limits: Limits) -> float | None:
    """Power computed from the current; None if that is not possible."""
    if amperes is None or limits.watts_per_ampere is None or amperes < -limits.noise_amperes:
        return None
    return amperes * limits.watts_per_ampere if amperes > 0.0 else 0.0


def idle_by_current(amperes: float | None, limits: Limits) -> bool | None:
    """Whether a machine that does not report its state is idle; None if unknown."""
    if amperes is None or limits.idle_amperes is None:
        return None
    low, high = limits.idle_amperes
    return low <= amperes <= high
