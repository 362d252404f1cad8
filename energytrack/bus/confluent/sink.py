"""A producer, through confluent-kafka."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from energytrack.bus.carrier import PendingMessage, ProducerBusy, Refusal
from energytrack.bus.refusals import may_not_write, may_not_write_anywhere

_POLL_EVERY: Final = 200
"""Acknowledgements are processed after this many puts, and in flush."""
_PURGE_SECONDS: Final = 2.0
HOPELESS: Final = frozenset(
    {
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.INVALID_MSG_SIZE,
        KafkaError.INVALID_RECORD,
        KafkaError.INVALID_TIMESTAMP,
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.POLICY_VIOLATION,
        KafkaError.RECORD_LIST_TOO_LARGE,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.TOPIC_EXCEPTION,
    }
)
GIVEN_UP: Final = Refusal("the producer was discarded", hopeless=False)
NOT_ACCEPTED: Final = Refusal("the producer did not accept it", hopeless=False)
REPORT_LOST: Final = Refusal("a report of a failure may have been lost", hopeless=False)
ACCEPTED: Final = False
"""The token of a message that the library has accepted, and that has no outcome yet."""


Content = tuple[str, bytes, bytes]
"""Topic, by its name on the broker, key and value: how a failed message is recognised."""


class ConfluentCarrier:
    """One producer of the library. It reports failures only: what it has accepted and not reported is acknowledged.

    This is certain once a flush leaves nothing: the library counts a message until its report has been processed. After
    an exception within a report, for example when a signal arrives, nothing is certain. If one of two identical
    messages failed, both count as failed: then the other one arrives twice.
    """

    def __init__(self, configuration: dict[str, Any], *, prefix: str, user: str | None) -> None:
        self._failures: dict[Content, Any] = {}
        self._producer = Producer(configuration | {"on_delivery": partial(_report, self._failures)})
        self._prefix = prefix
        self._user = user
        self._since_poll = 0
        """Messages handed over since the last poll."""
        self._left = 0
        """Messages without an outcome at the last check."""
        self._given_up = False
        self._fatal: Refusal | None = None
        """Why this producer cannot be used any more: the outcome of every message that has none of its own."""

    def send(self, messages: Sequence[PendingMessage]) -> None:
        """Hand messages to the library."""
        self._since_poll += len(messages)
        if self._since_poll >= _POLL_EVERY:
            self._since_poll = 0
            self._serve(self._producer.poll, 0)
        prefix, produce = self._prefix, self._producer.produce
        for i, message in enumerate(messages):
            message.carrier, message.token = self, None
            try:
                if message.headers:
                    produce(prefix + message.topic, message.value, message.key.encode(), headers=list(message.headers))
                else:
                    produce(prefix + message.topic, message.value, message.key.encode())
            except BufferError as full:  # too many are unacknowledged
                self._serve(self._producer.poll, 0.1)
                raise ProducerBusy("too many unacknowledged messages", accepted=i) from full
            except KafkaException as error:
                message.token = self._refusal(error.args[0])
            else:
                message.token = ACCEPTED

    def wait(self, messages: Iterable[PendingMessage], seconds: float) -> bool:
        """Return when every sent message has an outcome, or after this many seconds; whether one was acknowledged."""
        before, failed = self._left, len(self._failures)
        self._left = self._flush(messages, seconds)
        return self._left < before and len(self._failures) == failed

    def outcome(self, message: PendingMessage) -> Refusal | bool:
        """The outcome of a message."""
        token: Refusal | bool | None = message.token
        if token is None:
            return NOT_ACCEPTED
        if token is ACCEPTED:
            return self._fatal or (GIVEN_UP if self._given_up else False)
        return token

    def give_up(self, messages: Iterable[PendingMessage] = ()) -> None:
        """Drop all messages in flight, which then count as failed."""
        self._given_up = True
        self._producer.purge()
        self._flush(messages, _PURGE_SECONDS)

    def close(self, messages: Iterable[PendingMessage], seconds: float) -> bool:
        """Wait for messages in flight, then close."""
        left = self._flush(messages, seconds)
        if left:
            self.give_up(messages)
        return not left

    def _flush(self, messages: Iterable[PendingMessage], seconds: float) -> int:
        """The number of messages without an outcome, after waiting; if none, each of these messages gets its own."""
        try:
            left: int = self._serve(self._producer.flush, seconds)
        except KafkaException as error:
            self._fatal = self._refusal(error.args[0])
            return 1
        if left == 0 and self._fatal is None:
            for message in messages:
                if message.carrier is self and message.token is ACCEPTED:
                    failure = self._failures.get(self._content(message)) if self._failures else None
                    message.token = True if failure is None else self._refusal(failure)
        return left

    def _serve(self, call: Callable[[float], int], seconds: float) -> int:
        """A call of the library that also runs its delivery reports, which note failures."""
        try:
            return call(seconds)
        except BaseException:  # a signal may raise KeyboardInterrupt within a report, whose failure is lost then
            self._fatal = REPORT_LOST
            raise

    def _content(self, message: PendingMessage) -> Content:
        return self._prefix + message.topic, message.key.encode(), message.value

    def _refusal(self, error: Any) -> Refusal:
        sentences = {
            KafkaError.TOPIC_AUTHORIZATION_FAILED: may_not_write,
            KafkaError.CLUSTER_AUTHORIZATION_FAILED: may_not_write_anywhere,
        }.get(error.code())
        return Refusal(sentences(self._user) if sentences else error.str(), hopeless=error.code() in HOPELESS)


def _report(failures: dict[Content, Any], error: Any, message: Any) -> None:
    """Called by the library for each message that failed.

    It is not a method: a producer and a carrier that refer to each other would be freed late.
    """
    if error is not None:
        failures[message.topic(), message.key() or b"", message.value() or b""] = error
