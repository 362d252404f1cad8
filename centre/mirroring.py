"""Whether MirrorMaker keeps up: how long the centre has lacked what the plant already had. Pure.

MirrorMaker itself tells Prometheus nothing, and one of its tasks can fail while its process continues. So the newest
messages on both brokers are compared, partition by partition, as a task copies only some of them.
"""

from collections.abc import Mapping
from typing import NamedTuple

Partition = tuple[str, int]
"""A topic of the plant's and the number of its part."""


class Awaited(NamedTuple):
    """A message of the plant's that the centre lacks; both times in Unix seconds."""

    timestamp: float
    """Its own, by which it is recognised."""
    since: float
    """When it was first missing."""


class Mirroring:
    """Compares the newest messages of both sides again and again.

    Messages that either side no longer keeps are not missing.
    """

    def __init__(self) -> None:
        self._reached: dict[Partition, float] = {}
        self._awaited: dict[Partition, Awaited] = {}

    def lag(self, plant: Mapping[Partition, float], centre: Mapping[Partition, float], now: float) -> float:
        """Seconds since when the centre has lacked a message; 0 if it has all. All times are Unix seconds.

        A partition without messages is left out. While the centre does not answer, `centre` is empty.
        """
        for partition, newest in plant.items():
            self._compare(partition, newest, centre.get(partition), now)
        for partition in self._awaited.keys() - plant.keys():
            del self._awaited[partition]
        return max((max(0.0, now - each.since) for each in self._awaited.values()), default=0.0)

    def _compare(self, partition: Partition, newest: float, there: float | None, now: float) -> None:
        before = self._reached.get(partition)
        if before is None:  # the first comparison: the age of the centre's newest says how long it has been waiting
            self._reached[partition] = newest if there is None else there
            if there is not None and there < newest:
                self._awaited[partition] = Awaited(newest, there)
            return
        reached = self._reached[partition] = before if there is None else max(before, there)
        awaited = self._awaited.get(partition)
        if awaited is not None and reached >= awaited.timestamp:
            awaited = None
            del self._awaited[partition]
        if awaited is None and reached < newest:
            self._awaited[partition] = Awaited(newest, now)
