"""Notices which partitions are this replica's, whenever the source takes."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from energytrack.bus import Record, SetAside, Source
from energytrack.clock import Clock

Partitions = frozenset[tuple[str, int]]

BETWEEN: Final = timedelta(seconds=60)
"""A group that shares out its partitions anew takes them from all for a moment; only a longer lack means none."""


class WatchedSource:
    """A source that tells `changed` the partitions when they are others than before."""

    def __init__(self, source: Source, changed: Callable[[Partitions], None], clock: Clock) -> None:
        self._source = source
        self._changed = changed
        self._clock = clock
        self._told: Partitions = frozenset()
        self._empty_since = clock.monotonic()

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Take from the source behind; what has changed is told before the records are handed on."""
        records = self._source.take(limit, wait)
        partitions = self._source.partitions()
        now = self._clock.monotonic()
        if partitions:
            self._empty_since = now
        if partitions != self._told and (partitions or now - self._empty_since > BETWEEN.total_seconds()):
            self._told = partitions
            self._changed(partitions)
        return records

    def set_aside(self) -> Sequence[SetAside]:
        """What the source behind passed over."""
        return self._source.set_aside()

    def commit(self) -> None:
        """Commit on the source behind."""
        self._source.commit()

    def partitions(self) -> Partitions:
        """The partitions that are this member's now."""
        return self._source.partitions()

    def close(self) -> None:
        """Close the source behind."""
        self._source.close()
