"""Parts of an hour, by quarter hour, from the current of a machine that counts none. Pure.

A quarter hour in which the machine did not work made nothing. One in which it worked has parts if nearly all of its
current is known and its cycles can be relied on; otherwise its parts stay unknown.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from energytrack.messages import Reading
from energytrack.metering.limits import Limits
from energytrack.metering.quarters import QUARTER_SECONDS
from energytrack.production.spells import mark_of

if TYPE_CHECKING:
    from energytrack.production.current_cycles import CurrentSamples, FoundCycles

LEAST_CONFIDENCE: Final = 0.8
"""Of the cycles of a quarter hour; at less its parts are not known."""
LEAST_KNOWN: Final = 0.95
"""Of a quarter hour's current."""
LONGEST_IDLE_WORK: Final = 0.02
"""A quarter hour of less work than this share, without a cycle, made nothing."""
Estimate = tuple[float, float | None]
"""Start of a quarter hour, and its parts; None where they are not known."""


def parts_by_quarter(
    readings: Iterable[Reading],
    quarters: Sequence[float],
    limits: Limits,
    *,
    cycle_seconds: float,
    parts_per_cycle: float,
) -> Iterator[Estimate]:
    """`readings` are those of the quarter hours and of some time before and after them, oldest first."""
    from energytrack.production.current_cycles import cycles_in, evenly  # noqa: PLC0415  # seconds of imports

    kept = list(readings)
    at = np.array([each.timestamp.timestamp() for each in kept], dtype=np.float64)
    amperes = np.array([np.nan if each.current is None else each.current for each in kept], dtype=np.float64)
    states = [mark_of(each, moment, limits).state for each, moment in zip(kept, at.tolist(), strict=True)]
    is_working = np.array([state in {"running", None} for state in states], dtype=np.bool_)
    pieces = [(piece, cycles_in(piece, cycle_seconds)) for piece in evenly(at, amperes, is_working)]
    for start in quarters:
        made = _cycles_of(pieces, start, start + QUARTER_SECONDS)
        yield start, None if made is None else made * parts_per_cycle


def _cycles_of(
    pieces: "Iterable[tuple[CurrentSamples, FoundCycles | None]]", since: float, until: float
) -> float | None:
    known = made = 0.0
    for piece, found in pieces:
        first, last = round((since - piece.start) / piece.step), round((until - piece.start) / piece.step)
        working = piece.is_working[max(0, first) : max(0, last)]
        known += len(working) * piece.step
        own = [] if found is None else [each for each in found.cycles if since <= each.start < until]
        if found is not None and own and found.confidence(since, until) >= LEAST_CONFIDENCE:
            made += sum(each.share for each in own)
        elif working.sum() * piece.step > LONGEST_IDLE_WORK * QUARTER_SECONDS:
            return None
    return made if known >= LEAST_KNOWN * (until - since) else None
