"""A producer, through confluent-kafka."""

from contextlib import suppress
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from energytrack.bus.delivery import PendingMessage, ProducerBusy, Refusal
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


class ConfluentCarrier:
    """One producer of the library; each message records its own outcome."""

    def __init__(self, configuration: dict[str, Any], *, prefix: str, user: str | None) -> None:
        self._producer = Producer(configuration)
        self._prefix = prefix
        self._user = user
        self._sent = 0
        self._given_up = False
        self._fatal: Refusal | None = None
        """Why this producer cannot be used any more, for every message that has no outcome of its own."""

    def send(self, letter: PendingMessage) -> None:
        """Hand a message to the library."""
        self._sent += 1
        if self._sent % _HEAR_EVERY == 0:
            self._producer.poll(0)

        def acknowledged(error: Any, _: Any) -> None:
            if letter.carrier is self:  # and has not been sent again meanwhile
                letter.token = True if error is None else self._refusal(error)

        try:
            self._producer.produce(
                self._prefix + letter.topic,
                letter.value,
                letter.key.encode(),
                headers=list(letter.headers) or None,
                on_delivery=acknowledged,
            )
        except BufferError as full:  # too many are unacknowledged
            self._producer.poll(0.1)
            raise ProducerBusy("too many unacknowledged messages") from full
        except KafkaException as error:
            letter.token = self._refusal(error.args[0])

    def wait(self, seconds: float) -> None:
        """Return when every sent message has an outcome, or after so many seconds."""
        try:
            self._producer.flush(seconds)
        except KafkaException as error:
            self._fatal = self._refusal(error.args[0])

    def outcome(self, letter: PendingMessage) -> Refusal | bool:
        """The outcome of a message."""
        token: Refusal | bool | None = letter.token
        if token is None:
            return self._fatal or (GIVEN_UP if self._given_up else False)
        return token

    def give_up(self) -> None:
        """Drop all messages in flight."""
        self._given_up = True
        self._producer.purge()
        with suppress(KafkaException):
            self._producer.flush(_PURGE_SECONDS)

    def close(self, seconds: float) -> bool:
        """Wait for messages in flight, then close."""
        try:
            left = self._producer.flush(seconds)
        except KafkaException:
            left = 1
        if left:
            self.give_up()
        return not left

    def _refusal(self, error: Any) -> Refusal:
        sentences = {
            KafkaError.TOPIC_AUTHORIZATION_FAILED: may_not_write,
            KafkaError.CLUSTER_AUTHORIZATION_FAILED: may_not_write_anywhere,
        }.get(error.code())
        return Refusal(sentences(self._user) if sentences else error.str(), hopeless=error.code() in HOPELESS)
