"""Replays a month with the peak guard: its savings, compared with doing nothing and with a perfect forecast. Pure.

Power is given by minute and machine. A machine that has to wait uses its standby power until the quarter hour is over.
The work that it missed is done afterwards, spread over the longest time that it may wait: it is not saved.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from energytrack.bill.invoice import cents
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.peak.forecast import MINUTES, PastErrors, RunningQuarter, ends_at_kw

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Who = Literal["nothing", "guard", "perfect"]
FROM_MINUTE: Final = 1
"""The forecast is looked at from the end of this minute on."""
LATEST_MINUTE: Final = 12
HOLDS_MINUTES: Final = 1
"""How long a forecast has to stay above the limit before anybody is notified, like the alert."""
IDLE_REBOUND_MINUTES: Final = 15
SECONDS: Final = 60.0
WATTS: Final = 1000.0


class RecordedMonth(NamedTuple):
    """The recorded power of a month."""

    watts: Floats
    """[minutes, machines], from the beginning of a quarter hour on."""
    idle: Bools
    """Whether the machine had been idle for long enough to be stopped; same shape."""
    standby: Floats
    """Watts of a stopped machine; [machines]."""
    longest_minutes: Floats
    """For how long each machine may wait while it works; 0 if it may not; [machines]."""


class Rules(NamedTuple):
    """The guard's settings."""

    limit_kw: float
    """The limit from the start: paid for, or expected."""
    price_per_kw: float
    reaction_minutes: int
    """From the forecast to the machine's stop: somebody reads, looks at the dry run and confirms."""


class ReplayedMonth(NamedTuple):
    """The result of a month."""

    who: Who
    peak_kw: float
    cost: float
    """The cost of the peak."""
    warned: int
    """Quarter hours with a warning."""
    needless: int
    """Those among them that would have ended at the limit or below."""
    stops: int
    """Machines stopped, all quarter hours together."""
    waited_hours: float
    """Hours that machines with work to do waited."""


def replay(lived: RecordedMonth, rules: Rules, who: Who) -> ReplayedMonth:
    """Replay a month, with the guard, with nothing, or with a perfect forecast."""
    extra = np.zeros(len(lived.watts))
    limit, peak = rules.limit_kw, 0.0
    warned = needless = stops = 0
    waited = 0.0
    for first in range(0, len(lived.watts) - MINUTES + 1, MINUTES):
        minutes = slice(first, first + MINUTES)
        plain = lived.watts[minutes].sum(axis=1) + extra[minutes]
        used = plain.copy()
        if who != "nothing":
            at = _warning(plain, limit, perfect=who == "perfect")
            if at is not None:
                warned += 1
                needless += float(plain.mean()) / WATTS <= limit
                stop = min(at + (rules.reaction_minutes if who == "guard" else 0), MINUTES)
                above = float(plain.mean()) / WATTS - limit if who == "perfect" else _forecast_at(plain, stop) - limit
                chosen = _chosen(lived, first + stop, above, stop)
                stops += len(chosen)
                used, missed = _without(lived, chosen, first, stop, used)
                waited += _do_later(lived, chosen, missed, extra, first + MINUTES)
        kw = float(used.mean()) / WATTS
        peak, limit = max(peak, kw), max(limit, kw)
    return ReplayedMonth(who, peak, cents(max(peak, 0.0) * rules.price_per_kw), warned, needless, stops, waited)


def _warning(watts: Floats, limit: float, *, perfect: bool) -> int | None:
    """The minute at whose end it is clear that the quarter hour will end above the limit; None if it never is."""
    if perfect:
        return FROM_MINUTE if float(watts.mean()) / WATTS > limit else None
    above = 0
    for minute in range(FROM_MINUTE, LATEST_MINUTE + 1):
        above = above + 1 if _forecast_at(watts, minute) > limit else 0
        if above > HOLDS_MINUTES:
            return minute
    return None


def _forecast_at(watts: Floats, minute: int) -> float:
    """The forecast at the end of a minute, in kW."""
    minute = min(minute, MINUTES)
    kwh = float(watts[:minute].sum()) / WATTS / 60.0
    return ends_at_kw(RunningQuarter(minute * SECONDS, kwh, float(watts[minute - 1])))


def _chosen(lived: RecordedMonth, minute: int, above: float, stop: int) -> Sequence[int]:
    """The fewest machines that bring it below the limit: idle ones first, then those that save most."""
    left = MINUTES - stop
    if left <= 0 or minute >= len(lived.watts):
        return ()
    saves = lived.watts[minute] - lived.standby
    idle = lived.idle[minute]
    may = (saves > 0.0) & (idle | (lived.longest_minutes > 0.0))
    order = np.lexsort((-saves, ~idle))
    chosen: list[int] = []
    for machine in order[may[order]].tolist():
        if above <= 0.0:
            break
        chosen.append(machine)
        above -= float(saves[machine]) / WATTS * left * SECONDS / QUARTER_SECONDS
    return chosen


def _without(lived: RecordedMonth, chosen: Sequence[int], first: int, stop: int, used: Floats) -> tuple[Floats, Floats]:
    """Power while they wait, and the work that each of them misses, in watt minutes."""
    stretch = slice(first + stop, first + MINUTES)
    machines = list(chosen)
    saved = np.maximum(lived.watts[stretch][:, machines] - lived.standby[machines], 0.0)
    used[stop:] -= saved.sum(axis=1)
    return used, np.where(lived.idle[stretch][:, machines], 0.0, saved).sum(axis=0)


def _do_later(lived: RecordedMonth, chosen: Sequence[int], missed: Floats, extra: Floats, after: int) -> float:
    """Spread the missed work over the time afterwards; returns the hours that machines with work waited."""
    hours = 0.0
    for machine, work in zip(chosen, missed.tolist(), strict=True):
        if work > 0.0:
            length = int(lived.longest_minutes[machine]) or IDLE_REBOUND_MINUTES
            extra[after : after + length] += work / length
            hours += 1.0 / 60.0 * (work / max(float(lived.watts[after - MINUTES : after, machine].max()), 1.0))
    return hours


def errors_of(lived: RecordedMonth) -> Sequence[tuple[int, float, float]]:
    """For each minute, the mean absolute error of the forecast in kW and the share that ended within the interval."""
    past = PastErrors()
    off: list[list[float]] = [[] for _ in range(MINUTES)]
    within: list[list[bool]] = [[] for _ in range(MINUTES)]
    plant = lived.watts.sum(axis=1)
    for first in range(0, len(plant) - MINUTES + 1, MINUTES):
        watts = plant[first : first + MINUTES]
        kw = float(watts.mean()) / WATTS
        forecasts: list[float | None] = [None]
        for minute in range(1, MINUTES):
            running = RunningQuarter(
                minute * SECONDS, float(watts[:minute].sum()) / WATTS / 60.0, float(watts[minute - 1])
            )
            forecast = past.forecast(running)
            forecasts.append(forecast.kw)
            off[minute].append(abs(kw - forecast.kw))
            if forecast.low is not None and forecast.high is not None:
                within[minute].append(forecast.low <= kw <= forecast.high)
        past.add(forecasts, kw)
    return [
        (minute, sum(off[minute]) / len(off[minute]), sum(within[minute]) / max(len(within[minute]), 1))
        for minute in range(1, MINUTES)
    ]
