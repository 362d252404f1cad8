"""Effects of the network on readings: some arrive late, twice, or after the next one of their machine."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.random import Generator

from simulator.readings import Outgoing

LATE_SECONDS: Final = 20.0
"""Mean delay of a late reading."""


class Faults(Struct, frozen=True):
    """Shares of readings."""

    late: float
    duplicate: float
    out_of_order: float


class DelayedReading(Struct, frozen=True):
    """A reading in transit."""

    due_ms: int
    reading: Outgoing


def carry(
    held: Sequence[DelayedReading],
    fresh: list[Outgoing],
    *,
    faults: Faults,
    at_ms: int,
    interval_ms: int,
    rng: Generator,
) -> tuple[list[DelayedReading], list[Outgoing]]:
    """What is still in transit at `at_ms`, and what arrives now, in this order: fresh readings, then delayed ones."""
    due = [h.reading for h in held if h.due_ms <= at_ms]
    kept = [h for h in held if h.due_ms > at_ms]
    edges = np.cumsum([faults.late, faults.out_of_order, faults.duplicate])
    fate = rng.random(len(fresh))
    struck = np.flatnonzero(fate < edges[-1]).tolist()
    if struck:
        gone = set()
        for i in struck:
            if fate[i] >= edges[1]:
                due.append(fresh[i])
                continue
            gone.add(i)
            delay = rng.exponential(LATE_SECONDS) * 1000.0 if fate[i] < edges[0] else 0.0
            kept.append(DelayedReading(at_ms + max(round(delay), interval_ms), fresh[i]))
        fresh = [reading for i, reading in enumerate(fresh) if i not in gone]
    return kept, fresh + due
