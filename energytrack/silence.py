"""When a machine counts as silent: it missed two of its own intervals, and ten seconds at least. Pure."""

from typing import Final

LEAST_SECONDS: Final = 10.0
MISSED: Final = 2
"""Intervals without a reading."""
GROWTH: Final = 3.0
"""An interval that seems to grow by more than this at once is a gap, such as an outage leaves, until the next one."""
DECAY: Final = 0.8
"""How fast a shorter interval is believed: readings may come in bursts."""


def next_interval(known: float | None, gap: float) -> float:
    """A machine's interval, in seconds, after one more gap between two of its readings; None is not known yet."""
    if known is None or known <= 0.0:
        return gap
    return min(GROWTH * known, max(gap, DECAY * known))


def silent_after(interval: float | None, *, least: float = LEAST_SECONDS) -> float:
    """Seconds without a reading after which a machine that sends so often is silent."""
    return max(least, MISSED * (interval or 0.0))
