"""The port to the message bus: two roles, each with the few methods that services need.

Delivery is at least once. A consumer takes, works, flushes what it put, and only then commits; records that were taken
but not committed are taken again, by the same consumer or by another member of its group. Adapters: `memory` (tests,
simulated time), `kafka` (kafka-python) and `confluent`; one contract suite tests all of them.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple, Protocol, get_args

from msgspec import Struct

from energytrack.topics import Topic


class Record(Struct, frozen=True, gc=False):
    """A message as stored on a topic. A struct, because a named tuple takes five times as long to make."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


SetAsideReason = Literal["unknown_codec", "wrong_checksum", "damaged", "too_large"]
SET_ASIDE_REASONS: Final = get_args(SetAsideReason)


class SetAside(NamedTuple):
    """A batch of messages, or the rest of one, that cannot be decoded: it is skipped and reading continues."""

    topic: str
    partition: int
    first: int
    """Offset of the first skipped message."""
    last: int
    reason: SetAsideReason
    detail: str
    raw: bytes
    """The raw batch as stored on the topic; empty if even its length is damaged."""


Header = tuple[str, bytes]
Start = Literal["earliest", "latest"]


class Source(Protocol):
    """A member of a consumer group; used by one thread."""

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Up to `limit` records, in order within each partition; empty if none arrived within `wait` seconds."""

    def set_aside(self) -> Sequence[SetAside]:
        """What was skipped as undecodable since the last call; a commit covers it too."""

    def commit(self) -> None:
        """Commit everything taken so far. It is not an error if a rebalance made the commit obsolete."""

    def partitions(self) -> frozenset[tuple[str, int]]:
        """The (topic, partition) pairs assigned to this member now; they change during `take` only."""

    def close(self) -> None:
        """Leave the group without committing."""


class Sink(Protocol):
    """Where messages are put; safe to share between threads."""

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Hand over one message; blocks while too many are unacknowledged (back-pressure)."""

    def put_all(self, topic: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Hand over keys and values in their order, as `put` does one by one, but in less time."""

    def flush(self) -> None:
        """Return when the broker has acknowledged all that this thread put; raises DeliveryFailed otherwise.

        With or without patience, DeliveryFailed is raised at once for a message that no broker would ever accept.
        """

    def close(self) -> None:
        """Flush and close the connection."""


class Bus(Protocol):
    """Creates sources and sinks. The constructor connects nothing; the first use connects, and retries."""

    def source(self, group: str, topics: Sequence[str], *, start: Start = "earliest", linger: float = 0.05) -> Source:
        """Join a group; `start` is for a group without a committed offset; `linger` seconds allow fuller takes."""

    def sink(self, *, patience: float | None = None, stop: threading.Event | None = None) -> Sink:
        """A new sink. By default it survives broker outages of any length: `put` and `flush` wait.

        Unacknowledged messages are kept and sent again. If `stop` is set meanwhile, both raise StopRequested. With
        `patience`, in seconds, `put` raises BusUnavailable or DeliveryFailed and `flush` raises DeliveryFailed about
        that long after the broker became unavailable: for requests that a person waits for.
        """

    def create_topics(self, topics: Iterable[Topic]) -> None:
        """Create those that do not exist yet; leave existing ones unchanged."""

    def ping(self) -> None:
        """Return when a broker answers; raises BusUnavailable after a few seconds if none does."""
