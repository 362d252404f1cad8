"""Detects changes of the partitions that are assigned to this replica."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from energytrack.bus import Record, SetAside, Source
from energytrack.clock import Clock

Partitions = frozenset[tuple[str, int]]

BETWEEN: Final = timedelta(seconds=60)
"""A rebalance briefly takes all partitions from every member; only a longer absence means that there are none."""


class WatchedSource:
    """A source that calls `changed` with the partitions whenever the assignment changes."""

    def __init__(self, source: Source, changed: Callable[[Partitions], None], clock: Clock) -> None:
        self._source = source
        self._changed = changed
        self._clock = clock
        self._reported: Partitions = frozenset()
        self._empty_since = clock.monotonic()

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Take from the wrapped source; report a change of partitions before returning the records."""
        records = self._source.take(limit, wait)
        partitions = self._source.partitions()
        now = self._clock.monotonic()
        if partitions:
            self._empty_since = now
        if partitions != self._reported and (partitions or now - self._empty_since > BETWEEN.total_seconds()):
            self._reported = partitions
            self._changed(partitions)
        return records

    def set_aside(self) -> Sequence[SetAside]:
        """The batches that the wrapped source skipped."""
        return self._source.set_aside()

    def commit(self) -> None:
        """Commit on the wrapped source."""
        self._source.commit()

    def partitions(self) -> Partitions:
        """The partitions currently assigned to this member."""
        return self._source.partitions()

    def close(self) -> None:
        """Close the wrapped source."""
        self._source.close()
