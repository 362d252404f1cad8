"""Cuts energy and coverage at quarter hours, as tariffs and ledgers count them."""

import math
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from energytrack.metering.values import CoverageSpan, EnergyPart

QUARTER_SECONDS: Final = 900.0
"""The offset of every current time zone is a multiple of this, so quarter hours begin at the same time everywhere."""
QUARTERS_PER_HOUR: Final = 4


def split(part: EnergyPart) -> Iterator[tuple[float, EnergyPart]]:
    """(start of the quarter hour, the part within it), oldest first; the sum of the parts is the whole, to the bit."""
    seconds = part.end - part.start
    first = _quarter(part.start)
    if seconds <= 0.0 or part.end <= first + QUARTER_SECONDS:
        yield (first if seconds > 0.0 else quarter_before(part.end)), part
        return
    joules, idle = part.joules, part.idle_joules
    for start, end in _cut(part.start, part.end):
        if end == part.end:
            yield _quarter(start), replace(part, start=start, joules=joules, idle_joules=idle)
            return
        share = (end - start) / seconds
        inside = replace(part, start=start, end=end, joules=part.joules * share, idle_joules=part.idle_joules * share)
        joules, idle = joules - inside.joules, idle - inside.idle_joules
        yield _quarter(start), inside


def split_cover(cover: CoverageSpan) -> Iterator[tuple[float, CoverageSpan]]:
    """(start of the quarter hour, the cover within it), oldest first."""
    for start, end in _cut(cover.start, cover.end):
        yield _quarter(start), CoverageSpan(start, end, cover.basis)


def _cut(start: float, end: float) -> Iterator[tuple[float, float]]:
    while start < end:
        until = min(_quarter(start) + QUARTER_SECONDS, end)
        yield start, until
        start = until


def _quarter(at: float) -> float:
    return math.floor(at / QUARTER_SECONDS) * QUARTER_SECONDS


def quarter_before(at: float) -> float:
    """Start of the quarter hour that ends at or after `at`."""
    return (math.ceil(at / QUARTER_SECONDS) - 1) * QUARTER_SECONDS
