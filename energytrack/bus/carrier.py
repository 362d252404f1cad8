"""What a sink asks of a producer of a client library, and the messages that it hands over."""

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
    """A message, and the producer that carries it."""

    topic: str
    key: str
    value: bytes
    headers: Sequence[Header] = ()
    carrier: "Carrier | None" = None
    token: Any = None
    """The producer's own record of it."""


class ProducerBusy(Exception):
    """A producer cannot accept another message at the moment, or does not know the topic yet."""


class Carrier(Protocol):
    """One producer of a client library; shared by threads, and replaced after it has failed."""

    def send(self, letter: PendingMessage) -> None:
        """Accept a message; raises ProducerBusy after a second at most."""

    def wait(self, letters: Iterable[PendingMessage], seconds: float) -> bool:
        """Return when these messages have an outcome, or after so many seconds; whether any was acknowledged by then.

        They are all that the calling thread has sent. A producer may know the outcome of none before that of all.
        """

    def outcome(self, letter: PendingMessage) -> Refusal | bool:
        """True if a message was acknowledged, False if its outcome is not known yet."""

    def give_up(self, letters: Iterable[PendingMessage] = ()) -> None:
        """Stop sending, and release threads and connections; messages in flight fail.

        `letters` are those of the calling thread; what is known of their outcomes then is kept.
        """

    def close(self, letters: Iterable[PendingMessage], seconds: float) -> bool:
        """Wait so many seconds for messages in flight, then close; returns whether all of them have an outcome."""
