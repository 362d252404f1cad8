"""Estimates an hour's parts by quarter hour from the current of a machine without a counter. Pure.

Without work, a quarter hour has zero parts. With work, its parts are known if nearly all of its current is, and if its
cycles are reliable; otherwise they stay unknown.
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
"""With less confidence in its cycles, a quarter hour's parts are not known."""
LEAST_KNOWN: Final = 0.95
"""The share of a quarter hour's current that has to be known."""
LONGEST_IDLE_WORK: Final = 0.02
"""A quarter hour with less work than this share and without a cycle has zero parts."""
Estimate = tuple[float, float | None]
"""Start of a quarter hour, and its parts; None if they are not known."""


def parts_by_quarter(
    readings: Iterable[Reading],
    quarters: Sequence[float],
    limits: Limits,
    *,
    cycle_seconds: float,
    parts_per_cycle: float,
) -> Iterator[Estimate]:
    """The parts of each quarter hour; `readings` begin some time before and end some time after, oldest first."""
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
