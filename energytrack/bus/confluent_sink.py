"""A producer, through confluent-kafka."""

import threading
from collections.abc import Sequence
from typing import Any, Final

from confluent_kafka import KafkaException, Producer

from energytrack.bus import Header, limits
from energytrack.bus.confluent_source import sentence
from energytrack.bus.link import Link
from energytrack.errors import DeliveryFailed

_HEAR_EVERY: Final = 200
"""Acknowledgements are heard after this many puts, and in flush."""


class ConfluentSink:
    """Puts and flushes; each thread waits for, and hears of, the messages that it put itself."""

    def __init__(self, configuration: dict[str, Any], link: Link, *, prefix: str) -> None:
        self._configuration = configuration | {"error_cb": lambda error: link.broken(error.str())}
        self._link = link
        self._prefix = prefix
        self._producer: Any = None
        self._making = threading.Lock()
        self._own = _OwnMessages()

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Hand over one message; waits while too many are under way."""
        own, producer = self._own.messages, self._producer or self._made()
        own.put += 1
        if own.put % _HEAR_EVERY == 0:
            producer.poll(0)
        while True:
            try:
                producer.produce(
                    self._prefix + topic, value, key.encode(), headers=list(headers) or None, on_delivery=own.delivered
                )
            except BufferError:  # too many are under way
                producer.poll(0.1)
            except KafkaException as error:  # too large
                own.answer(f"{topic}: {sentence(error)}")
                return
            else:
                return

    def flush(self) -> None:
        """Return when everything that this thread put is acknowledged; raises DeliveryFailed otherwise."""
        own = self._own.messages
        while own.answered < own.put:  # each message is answered, at the latest when its time is up
            self._producer.flush(1.0)
        if own.failures:
            failures, own.failures = own.failures, []
            raise DeliveryFailed(len(failures), failures[0])
        self._link.fine()

    def close(self) -> None:
        """Give what is under way a few seconds, then let go; raises DeliveryFailed where they were not enough."""
        if self._producer is not None and (left := self._producer.flush(limits.CLOSE_SECONDS)):
            self._producer.purge()
            raise DeliveryFailed(left, f"no acknowledgement within {limits.CLOSE_SECONDS} s")

    def _made(self) -> Any:
        with self._making:
            if self._producer is None:
                self._producer = Producer(self._configuration)
            return self._producer


class _Messages:
    """How many messages one thread put, and what it heard of them; the answers may come in any thread."""

    def __init__(self) -> None:
        self.put = 0
        self.answered = 0
        self.failures: list[str] = []
        self._lock = threading.Lock()

    def delivered(self, error: Any, message: Any) -> None:
        """Hear the broker's answer."""
        self.answer(None if error is None else f"{message.topic()}: {error.str()}")

    def answer(self, failure: str | None) -> None:
        """Note an answer."""
        with self._lock:
            self.answered += 1
            if failure is not None:
                self.failures.append(failure)


class _OwnMessages(threading.local):
    def __init__(self) -> None:
        self.messages = _Messages()
