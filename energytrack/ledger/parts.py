"""Parts produced, from a machine's own counter: by quarter hour, and unknown where nobody counted. Pure.

A counter that falls began anew: what it shows then was produced since. One that falls for a moment and is back where it
was counts nothing twice. What no machine can have produced in the time is not counted.
"""

from typing import Final

from msgspec import Struct

MOST_PER_SECOND: Final = 100.0
"""More than any machine of discrete production makes; a bottling line makes about 20."""


class PartsCounter(Struct, frozen=True, gc=False):
    """The counter of a machine as it was last read."""

    at: float
    """When, in seconds since the epoch."""
    count: float
    former: float | None = None
    """What it showed before it fell, until it is clear that it began anew."""


def counted(counter: PartsCounter | None, count: float, at: float) -> tuple[PartsCounter, float | None]:
    """The counter after one more value, and the parts produced since the last one; None where that is not known.

    At the first value, nothing is known of what was produced before it.
    """
    if counter is None:
        return PartsCounter(at, count), None
    most = MOST_PER_SECOND * (at - counter.at)
    risen = count - counter.count
    former = counter.former
    if former is not None and 0.0 <= count - former <= most and risen > most:
        return PartsCounter(at, count), count - former  # it had fallen for a moment
    if 0.0 <= risen <= most:
        return PartsCounter(at, count, former if risen == 0.0 else None), risen
    if risen < 0.0:
        fell_from = counter.count if former is None else former
        return PartsCounter(at, count, fell_from), count if count <= most else None
    return PartsCounter(at, count), None
