"""When a machine was part of the plant: coverage is a share of this time. Pure.

Before its first reading and after it was retired there is no machine: that time is not unknown, it does not count. Time
without readings in between is unknown.
"""

import math
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

Where = TypeVar("Where", bound=Hashable)

QUIET_SECONDS: Final = 900.0
"""The time since the last reading counts as unknown once it is as long as a quarter hour; before, it is still open."""


class Presence(NamedTuple):
    """When a machine was present, in seconds since the epoch."""

    since: float = -math.inf
    until: float = math.inf

    def seconds(self, start: float, end: float) -> float:
        """How many of the seconds from `start` to `end` it was present."""
        return max(0.0, min(end, self.until) - max(start, self.since))


class ReadingSpan(NamedTuple):
    """When a machine sent readings according to the store, in seconds since the epoch."""

    since: float | None
    """Its first reading; None if that was not recorded."""
    counted: float | None
    """The last reading that the ledger holds."""


def presence(span: ReadingSpan, *, retired: float | None, now: float) -> Presence:
    """A machine's presence up to now; `retired` is when it was retired."""
    since = -math.inf if span.since is None else span.since
    counted = span.counted
    if retired is not None and (counted is None or counted <= retired):
        return Presence(since, min(retired, now))
    if counted is not None and now - counted <= QUIET_SECONDS:
        return Presence(since, counted)
    return Presence(since, now)


def presences(
    spans: Mapping[str, ReadingSpan], retired: Mapping[str, datetime], *, now: datetime
) -> Mapping[str, Presence]:
    """The presence of every machine in the store; `retired` has the times of those that were retired."""
    left = {name: at.timestamp() for name, at in retired.items()}
    return {name: presence(each, retired=left.get(name), now=now.timestamp()) for name, each in spans.items()}


def shares_of(whole: float, known_seconds: Mapping[Where, float]) -> Mapping[Where, float]:
    """The part of a machine's `whole` time without any report, by the lines on which it was.

    It is shared in proportion to the time that is reported there, so that the time of a machine that was moved counts
    once, and not on each of its lines.
    """
    missing = max(0.0, whole - sum(known_seconds.values()))
    total = sum(known_seconds.values())
    if not total:
        return {name: missing / len(known_seconds) for name in known_seconds}
    return {name: missing * seconds / total for name, seconds in known_seconds.items()}
