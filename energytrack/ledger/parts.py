"""Parts produced, from a machine's own counter: by quarter hour, and unknown where there is no count. Pure.

A counter that falls has started again: what it shows then was produced since. If it falls only for a moment, nothing
counts twice; if it was close to its maximum, it has rolled over. A rise too large for the time is not counted. Counters
of rejected parts follow the same rules.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from energytrack.metering.quarters import QUARTER_SECONDS, quarter_before

MOST_PER_SECOND: Final = 100.0
"""More than any machine of discrete production makes; a bottling line makes about 20."""
FULL: Final = (2.0**15, 2.0**16, 2.0**31, 2.0**32, *(10.0**digits for digits in range(4, 11)))
"""The values at which counters of controllers and displays roll over to zero."""
LIKE_BEFORE: Final = 10.0
"""A counter rolled over if it then rose by at most this many times its largest rise; otherwise it was reset."""


class PartsCounter(Struct, frozen=True, gc=False):
    """The counter of a machine as it was last read."""

    at: float
    """When, in seconds since the epoch."""
    count: float
    former: float | None = None
    """What it showed before it fell, until it is clear that it started again."""
    rise: float = 0.0
    """The most that it ever rose between two values."""


def counted(counter: PartsCounter | None, count: float, at: float) -> tuple[PartsCounter, float | None]:
    """The counter after one more value, and the parts produced since the last one; None if that is not known.

    At the first value, nothing is known of what was produced before it.
    """
    if counter is None:
        return PartsCounter(at, count), None
    most = MOST_PER_SECOND * (at - counter.at)
    risen = count - counter.count
    former, rise = counter.former, counter.rise
    if former is not None and 0.0 <= count - former <= most and risen > most:
        return PartsCounter(at, count, rise=rise), count - former  # it had fallen for a moment
    if 0.0 <= risen <= most:
        return PartsCounter(at, count, former if risen == 0.0 else None, max(rise, risen)), risen
    if risen < 0.0:
        rolled = _rolled_over(counter, count)
        if rolled is not None and rolled <= most:
            return PartsCounter(at, count, rise=rise), rolled
        fell_from = counter.count if former is None else former
        return PartsCounter(at, count, fell_from, rise), count if count <= most else None
    return PartsCounter(at, count, rise=rise), None


def spread(parts: float, since: float, at: float) -> Iterator[tuple[float, float]]:
    """(start of the quarter hour, the parts within it) for parts produced from `since` to `at`, oldest first.

    Parts of a gap of at most a quarter hour belong to the one that ends at or after `at`; those of a longer gap are
    spread evenly over it, as a meter's energy is.
    """
    if at - since <= QUARTER_SECONDS or not parts:
        yield quarter_before(at), parts
        return
    left, start = parts, since
    while start < at:
        quarter = start // QUARTER_SECONDS * QUARTER_SECONDS
        end = min(quarter + QUARTER_SECONDS, at)
        share = left if end == at else parts * (end - start) / (at - since)
        yield quarter, share
        left, start = left - share, end


def _rolled_over(counter: PartsCounter, count: float) -> float | None:
    """The parts produced if the counter rolled over; None if it cannot have."""
    ahead = [full for full in FULL if counter.count < full]
    if not ahead or not counter.rise:
        return None
    made = min(ahead) - counter.count + count
    return made if made <= LIKE_BEFORE * counter.rise else None
