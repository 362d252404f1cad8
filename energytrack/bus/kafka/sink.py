"""A producer, through kafka-python."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from kafka.errors import (
    AuthorizationError,
    InvalidRecordError,
    InvalidTimestampError,
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnknownError,
)
from kafka.partitioner import Partitioner
from kafka.partitioner.default import murmur2

from energytrack.bus.carrier import PendingMessage, ProducerBusy, Refusal
from energytrack.bus.kafka.source import sentence
from energytrack.bus.refusals import may_not_write, may_not_write_anywhere

HOPELESS: Final = (
    AuthorizationError,
    InvalidRecordError,
    InvalidTimestampError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
)
NOWHERE: Final = "ClusterAuthorizationFailedError"
"""For a producer that may not write to any topic; the library puts it into the text of a general error (3.0.12)."""
FORCED_CLOSE_SECONDS: Final = 2.0
GIVEN_UP: Final = Refusal("the producer was discarded", hopeless=False)


class KafkaCarrier:
    """One producer of the library, and the futures of its messages."""

    def __init__(self, producer: Any, *, prefix: str, user: str | None) -> None:
        self._producer = producer
        self._prefix = prefix
        self._user = user
        self._given_up = False

    def send(self, messages: Sequence[PendingMessage]) -> None:
        """Hand messages to the library."""
        for i, message in enumerate(messages):
            message.carrier, message.token = self, None
            try:
                message.token = self._producer.send(
                    self._prefix + message.topic,
                    value=message.value,
                    key=message.key.encode(),
                    headers=list(message.headers),
                )
            except KafkaTimeoutError as error:  # the topic is not known yet, or there is no room
                raise ProducerBusy(f"{message.topic}: {sentence(error)}", accepted=i) from error
            except KafkaError as error:
                message.token = self._refusal(error)

    def wait(self, messages: Iterable[PendingMessage], seconds: float) -> bool:
        """Return when every sent message has an outcome, or after this many seconds; each carries its own outcome."""
        del messages
        with suppress(KafkaTimeoutError, UnknownError):
            self._producer.flush(seconds)
        return False

    def outcome(self, message: PendingMessage) -> Refusal | bool:
        """The outcome of a message, as the library knows it."""
        token = message.token
        if isinstance(token, Refusal):
            return token
        if token is None or not token.is_done:
            return GIVEN_UP if self._given_up else False
        return True if token.exception is None else self._refusal(token.exception)

    def give_up(self, messages: Iterable[PendingMessage] = ()) -> None:
        """Stop the library's thread, which fails all messages that it still holds.

        Its own `close` waits for all messages first, and leaks thread and sockets if that takes too long (3.0.12): they
        would send those messages later after all, out of order.
        """
        del messages  # each carries its own outcome
        self._given_up = True
        sender = self._producer._sender  # noqa: SLF001  # there is no public way
        sender.force_close()
        sender.join(FORCED_CLOSE_SECONDS)
        with suppress(KafkaError):
            self._producer.close(timeout=0)

    def close(self, messages: Iterable[PendingMessage], seconds: float) -> bool:
        """Wait for messages in flight, then close."""
        del messages
        try:
            self._producer.close(timeout=seconds)
        except KafkaTimeoutError:
            self.give_up()
            return False
        return True

    def _refusal(self, error: Exception) -> Refusal:
        match error:
            case TopicAuthorizationFailedError():
                refusal = may_not_write(self._user)
            case _ if NOWHERE in repr(error):
                return Refusal(may_not_write_anywhere(self._user), hopeless=True)
            case KafkaError():
                refusal = sentence(error)
            case _:
                refusal = str(error)
        return Refusal(refusal, hopeless=isinstance(error, HOPELESS))


class ByKey(Partitioner):  # type: ignore[misc]  # the library is untyped
    """The partition of a key as Kafka's own clients choose it, cached: the hash takes 5 us in Python."""

    def partition(self, topic: str, *rest: Any) -> int:
        """Number of the partition; `rest` is key, its bytes, value, its bytes and the cluster."""
        _, key, _, _, cluster = rest
        count: int = len(cluster.partitions_for_topic(topic))
        return _positive_murmur2(key) % count


@lru_cache(maxsize=100_000)
def _positive_murmur2(key: bytes) -> int:
    hashed: int = murmur2(key)
    return hashed & 0x7FFFFFFF
