"""When a machine counts as silent: after two of its intervals, and at least ten seconds, without a reading. Pure."""

from typing import Final

LEAST_SECONDS: Final = 10.0
MISSED: Final = 2
"""Intervals without a reading."""
GROWTH: Final = 3.0
"""An interval that grows by more than this at once is at first taken for a gap, such as an outage."""
DECAY: Final = 0.8
"""How fast a shorter interval is accepted: readings may arrive in bursts."""


def next_interval(interval: float | None, gap: float) -> float:
    """A machine's interval in seconds, after one more gap between two of its readings; None means unknown."""
    if interval is None or interval <= 0.0:
        return gap
    return min(GROWTH * interval, max(gap, DECAY * interval))


def silent_after(interval: float | None, *, least: float = LEAST_SECONDS) -> float:
    """Seconds without a reading after which a machine with this interval is silent."""
    return max(least, MISSED * (interval or 0.0))
