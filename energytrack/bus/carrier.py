"""The port of a sink to the producer of a client library, and the messages that it hands over."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from energytrack.bus import Header


class Refusal(NamedTuple):
    """Why a message was not accepted."""

    sentence: str
    hopeless: bool
    """The message itself is at fault, or a permission is missing: sending it again would not help."""


class PendingMessage(Struct, gc=False):
    """A message, and the producer that it was handed to last."""

    topic: str
    key: str
    value: bytes
    headers: Sequence[Header] = ()
    carrier: "Carrier | None" = None
    token: Any = None
    """The producer's own record of it; some producers set it to True once it is acknowledged."""


class ProducerBusy(Exception):
    """A producer cannot accept another message at the moment, or does not know the topic yet."""

    def __init__(self, sentence: str, *, accepted: int) -> None:
        super().__init__(sentence)
        self.accepted = accepted
        """How many of the messages it accepted, counted from the first."""


class Carrier(Protocol):
    """One producer of a client library; shared by threads, and replaced after it has failed."""

    def send(self, messages: Sequence[PendingMessage]) -> None:
        """Accept messages in their order; raises ProducerBusy at most a second after the last accepted message.

        Each message that it tried to accept, including the last one, then has this producer as its carrier.
        """

    def wait(self, messages: Iterable[PendingMessage], seconds: float) -> bool:
        """Return when these messages have an outcome, or after this many seconds; whether any was acknowledged by then.

        They must be all that the calling thread has sent: a producer may know no outcome before it knows them all.
        """

    def outcome(self, message: PendingMessage) -> Refusal | bool:
        """True if a message was acknowledged, False if its outcome is not known yet."""

    def give_up(self, messages: Iterable[PendingMessage] = ()) -> None:
        """Stop sending, and release threads and connections; messages in flight fail.

        `messages` are those of the calling thread; outcomes known by then are kept.
        """

    def close(self, messages: Iterable[PendingMessage], seconds: float) -> bool:
        """Wait this many seconds for messages in flight, then close; returns whether all of them have an outcome."""
