"""A bus in memory, for tests and simulated time: the same port as Kafka, in one process."""

import threading
import zlib
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import Final

from energytrack.bus import Header, Record, SetAside, Sink, Source, Start
from energytrack.errors import DeliveryFailed, StopRequested
from energytrack.topics import Topic

PAUSE_SECONDS: Final = 0.05


class MemoryBus:
    """Topics as lists. Groups have committed offsets; partitions are distributed among a group's members."""

    def __init__(self, *, partitions: int = 12) -> None:
        self.partitions = partitions
        self.records: dict[tuple[str, int], list[Record]] = defaultdict(list)
        self.headers: dict[tuple[str, int, int], tuple[Header, ...]] = {}
        self.committed: dict[tuple[str, str, int], int] = {}
        self.answers = threading.Event()
        """Clear it to make the bus unavailable: takes are empty, and puts wait until it is set again."""
        self.answers.set()
        self._members: dict[str, list[MemorySource]] = defaultdict(list)

    def source(self, group: str, topics: Sequence[str], *, start: Start = "earliest", linger: float = 0.05) -> Source:
        """Join a group; the partitions are redistributed among all its members."""
        del linger
        source = MemorySource(self, group, tuple(topics), start)
        self._members[group].append(source)
        self.rebalance(group)
        return source

    def sink(self, *, patience: float | None = None, stop: threading.Event | None = None) -> Sink:
        return MemorySink(self, patience=patience, stop=stop)

    def create_topics(self, topics: Iterable[Topic]) -> None:
        """Nothing to do: a topic exists once it is used."""

    def ping(self) -> None:
        """Memory is always available."""

    def values(self, topic: str) -> list[bytes]:
        """Every value on a topic, partition by partition."""
        return [record.value or b"" for p in range(self.partitions) for record in self.records[topic, p]]

    def leave(self, source: "MemorySource") -> None:
        """Remove a member from its group."""
        members = self._members[source.group]
        if source in members:
            members.remove(source)
            self.rebalance(source.group)

    def rebalance(self, group: str) -> None:
        """Distribute partitions by number, so that a device's partitions on all topics go to one member."""
        members = self._members[group]
        for index, member in enumerate(members):
            member.assign(
                {(topic, p) for topic in member.topics for p in range(self.partitions) if p % len(members) == index}
            )


class MemorySource:
    """A group member that reads from the group's last commit."""

    def __init__(self, bus: MemoryBus, group: str, topics: tuple[str, ...], start: Start) -> None:
        self.group = group
        self.topics = topics
        self._bus = bus
        self._start = start
        self._positions: dict[tuple[str, int], int] = {}

    def assign(self, partitions: set[tuple[str, int]]) -> None:
        """Keep the positions of partitions that stay, start new ones from the group's commit."""
        self._positions = {p: self._positions.get(p, self._first_offset(*p)) for p in sorted(partitions)}

    def _first_offset(self, topic: str, partition: int) -> int:
        otherwise = 0 if self._start == "earliest" else len(self._bus.records[topic, partition])
        return self._bus.committed.get((self.group, topic, partition), otherwise)

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """What is available; it never waits."""
        del wait
        taken: list[Record] = []
        if not self._bus.answers.is_set():
            return taken
        for key, position in self._positions.items():
            fresh = self._bus.records[key][position : position + limit - len(taken)]
            self._positions[key] = position + len(fresh)
            taken.extend(fresh)
        return taken

    def set_aside(self) -> Sequence[SetAside]:
        """Nothing: messages in memory are always readable."""
        return ()

    def commit(self) -> None:
        """Save the positions for the group."""
        for (topic, partition), position in self._positions.items():
            self._bus.committed[self.group, topic, partition] = position

    def partitions(self) -> frozenset[tuple[str, int]]:
        """The partitions assigned to this member now."""
        return frozenset(self._positions)

    def close(self) -> None:
        self._bus.leave(self)


class MemorySink:
    """Appends to the bus, immediately or as soon as it is available."""

    def __init__(self, bus: MemoryBus, *, patience: float | None, stop: threading.Event | None) -> None:
        self._bus = bus
        self._patience = patience
        self._stop = stop
        self._held: deque[tuple[str, str, bytes, tuple[Header, ...]]] = deque()

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Append one message to its key's partition."""
        self._held.append((topic, key, value, tuple(headers)))
        if self._bus.answers.is_set():
            self._append()

    def put_all(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Append messages, each to its key's partition."""
        for key, value in messages:
            self.put(topic, key, value)

    def _append(self) -> None:
        while self._held:
            topic, key, value, headers = self._held.popleft()
            partition = zlib.crc32(key.encode()) % self._bus.partitions
            log = self._bus.records[topic, partition]
            self._bus.headers[topic, partition, len(log)] = headers
            log.append(Record(topic, partition, len(log), key.encode(), value))

    def flush(self) -> None:
        """Return at once, or when the bus is available again."""
        count = len(self._held)
        if self._patience is not None and not self._bus.answers.wait(self._patience):
            self._held.clear()
            raise DeliveryFailed(count, "the bus does not answer")
        while not self._bus.answers.wait(PAUSE_SECONDS):
            if self._stop is not None and self._stop.is_set():
                self._held.clear()
                raise StopRequested("the bus does not answer")
        self._append()

    def close(self) -> None:
        """There is nothing to release."""
