"""The port to the message bus: two roles, each with the few methods that services need.

Delivery is at least once. A consumer takes, works, flushes what it put, and only then commits; whatever was taken and
not committed is taken again, by itself or by another member of its group. Adapters: `memory` (tests, simulated time),
`kafka` (kafka-python) and `confluent`; one contract suite holds them to these words.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple, Protocol, get_args

from energytrack.topics import Topic


class Record(NamedTuple):
    """A message as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


SetAsideReason = Literal["unknown_codec", "wrong_checksum", "damaged", "too_large"]
SET_ASIDE_REASONS: Final = get_args(SetAsideReason)


class SetAside(NamedTuple):
    """A batch of messages, or the rest of one, that nobody can read: passed over, so that those behind it are read."""

    topic: str
    partition: int
    first: int
    """Offset of the first message that was passed over."""
    last: int
    reason: SetAsideReason
    detail: str
    raw: bytes
    """The batch as it lies on the topic; empty where even its bounds are damaged."""


Header = tuple[str, bytes]
Start = Literal["earliest", "latest"]


class Source(Protocol):
    """A member of a consumer group; used by one thread."""

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Up to `limit` records, in order within each partition; empty where none came within `wait` seconds."""

    def set_aside(self) -> Sequence[SetAside]:
        """What the takes since the last call passed over because nobody can read it; a commit covers it too."""

    def commit(self) -> None:
        """Say that everything taken so far is done with. A commit overtaken by a rebalance is no error."""

    def partitions(self) -> frozenset[tuple[str, int]]:
        """The (topic, partition) pairs that are this member's now; they change during `take` only."""

    def close(self) -> None:
        """Leave the group without committing."""


class Sink(Protocol):
    """Where messages are put; safe to share between threads."""

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Hand over one message; blocks where too many are under way (back-pressure)."""

    def flush(self) -> None:
        """Return when the broker has acknowledged all that this thread put; raises DeliveryFailed otherwise.

        Patient or not, DeliveryFailed is raised at once for a message that no broker would ever take.
        """

    def close(self) -> None:
        """Flush and let go of the connection."""


class Bus(Protocol):
    """Makes sources and sinks. The constructor connects nothing; the first use does, and retries."""

    def source(self, group: str, topics: Sequence[str], *, start: Start = "earliest", linger: float = 0.05) -> Source:
        """Join a group; `start` serves a group without a committed offset; `linger` trades seconds for fuller takes."""

    def sink(self, *, patience: float | None = None, stop: threading.Event | None = None) -> Sink:
        """A new sink. By default it outlasts an absence of the broker of any length: `put` and `flush` wait for it.

        What was not acknowledged is kept and sent again. Where `stop` is set meanwhile, both raise StopRequested.
        With `patience`, in seconds, `put` raises BusUnavailable or DeliveryFailed and `flush` DeliveryFailed about that
        long after the broker went away: for those whom a person waits for.
        """

    def create_topics(self, topics: Iterable[Topic]) -> None:
        """Create those that do not exist yet; those that exist are left as they are."""

    def ping(self) -> None:
        """Return when a broker answers; raises BusUnavailable, after a few seconds at most, where none does."""
