"""A producer, through confluent-kafka."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from energytrack.bus.carrier import PendingMessage, ProducerBusy, Refusal
from energytrack.bus.refusals import may_not_write, may_not_write_anywhere

_HEAR_EVERY: Final = 200
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
UNHEARD: Final = Refusal("a report of a failure may have been lost", hopeless=False)
ACCEPTED: Final = False
"""The token of a message that the library has accepted, and that has no outcome yet."""


Content = tuple[str, bytes, bytes]
"""Topic, by its name on the broker, key and value: how a failed message is recognised."""


class ConfluentCarrier:
    """One producer of the library. It reports failures only: what it has accepted and not reported is acknowledged.

    That holds once a flush leaves nothing: the library counts a message until its report has been processed. Nothing
    holds any more after an exception out of a report, for example when a signal arrives within it.

    Of two messages that are the same, both count as failed where one is: then the other arrives twice.
    """

    def __init__(self, configuration: dict[str, Any], *, prefix: str, user: str | None) -> None:
        self._failures: dict[Content, Any] = {}
        self._producer = Producer(configuration | {"on_delivery": partial(_report, self._failures)})
        self._prefix = prefix
        self._user = user
        self._unheard = 0
        """Messages handed over since reports were last processed."""
        self._left = 0
        """Messages without an outcome at the last look."""
        self._given_up = False
        self._fatal: Refusal | None = None
        """Why this producer cannot be used any more, for every message that has no outcome of its own."""

    def send(self, letters: Sequence[PendingMessage]) -> None:
        """Hand messages to the library."""
        self._unheard += len(letters)
        if self._unheard >= _HEAR_EVERY:
            self._unheard = 0
            self._hear(self._producer.poll, 0)
        prefix, produce = self._prefix, self._producer.produce
        for i, letter in enumerate(letters):
            letter.carrier, letter.token = self, None
            try:
                if letter.headers:
                    produce(prefix + letter.topic, letter.value, letter.key.encode(), headers=list(letter.headers))
                else:
                    produce(prefix + letter.topic, letter.value, letter.key.encode())
            except BufferError as full:  # too many are unacknowledged
                self._hear(self._producer.poll, 0.1)
                raise ProducerBusy("too many unacknowledged messages", accepted=i) from full
            except KafkaException as error:
                letter.token = self._refusal(error.args[0])
            else:
                letter.token = ACCEPTED

    def wait(self, letters: Iterable[PendingMessage], seconds: float) -> bool:
        """Return when every sent message has an outcome, or after so many seconds; whether one was acknowledged."""
        before, failed = self._left, len(self._failures)
        self._left = self._flush(letters, seconds)
        return self._left < before and len(self._failures) == failed

    def outcome(self, letter: PendingMessage) -> Refusal | bool:
        """The outcome of a message."""
        token: Refusal | bool | None = letter.token
        if token is None:
            return NOT_ACCEPTED
        if token is ACCEPTED:
            return self._fatal or (GIVEN_UP if self._given_up else False)
        return token

    def give_up(self, letters: Iterable[PendingMessage] = ()) -> None:
        """Drop all messages in flight, which then count as failed."""
        self._given_up = True
        self._producer.purge()
        self._flush(letters, _PURGE_SECONDS)

    def close(self, letters: Iterable[PendingMessage], seconds: float) -> bool:
        """Wait for messages in flight, then close."""
        left = self._flush(letters, seconds)
        if left:
            self.give_up(letters)
        return not left

    def _flush(self, letters: Iterable[PendingMessage], seconds: float) -> int:
        """How many messages have no outcome yet; if none, each of these letters gets its own."""
        try:
            left: int = self._hear(self._producer.flush, seconds)
        except KafkaException as error:
            self._fatal = self._refusal(error.args[0])
            return 1
        if left == 0 and self._fatal is None:
            for letter in letters:
                if letter.carrier is self and letter.token is ACCEPTED:
                    failure = self._failures.get(self._content(letter)) if self._failures else None
                    letter.token = True if failure is None else self._refusal(failure)
        return left

    def _hear(self, call: Callable[[float], int], seconds: float) -> int:
        """Have the library report failures while it waits."""
        try:
            return call(seconds)
        except BaseException:  # a signal may raise KeyboardInterrupt within a report, whose failure is lost then
            self._fatal = UNHEARD
            raise

    def _content(self, letter: PendingMessage) -> Content:
        return self._prefix + letter.topic, letter.key.encode(), letter.value

    def _refusal(self, error: Any) -> Refusal:
        sentences = {
            KafkaError.TOPIC_AUTHORIZATION_FAILED: may_not_write,
            KafkaError.CLUSTER_AUTHORIZATION_FAILED: may_not_write_anywhere,
        }.get(error.code())
        return Refusal(sentences(self._user) if sentences else error.str(), hopeless=error.code() in HOPELESS)


def _report(failures: dict[Content, Any], error: Any, message: Any) -> None:
    """Called by the library for each message that failed.

    It is no method: a producer and a carrier that know each other would be freed late.
    """
    if error is not None:
        failures[message.topic(), message.key() or b"", message.value() or b""] = error
