"""A producer, through kafka-python."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.partitioner import Partitioner
from kafka.partitioner.default import murmur2

from energytrack.bus import Header, limits
from energytrack.bus.kafka_source import sentence
from energytrack.errors import BusUnavailable, DeliveryFailed


class KafkaSink:
    """Puts and flushes; each thread waits for, and hears of, the messages that it put itself."""

    def __init__(self, connect: Callable[[], Any], *, servers: str, prefix: str, seconds: float) -> None:
        self._connect = connect
        self._servers = servers
        self._prefix = prefix
        self._seconds = seconds
        self._producer: Any = None
        self._connecting = threading.Lock()
        self._own = _OwnMessages()

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Hand over one message; waits while too many of this thread's are under way."""
        own = self._own
        while len(own.under_way) >= limits.MAX_UNDER_WAY:
            own.settle_oldest(self._seconds)
        producer = self._producer or self._connected()
        try:
            own.under_way.append(
                producer.send(self._prefix + topic, value=value, key=key.encode(), headers=list(headers))
            )
        except KafkaError as error:  # too large, or a topic that does not exist
            own.failures.append(f"{topic}: {sentence(error)}")

    def flush(self) -> None:
        """Return when everything that this thread put is acknowledged; raises DeliveryFailed otherwise."""
        own, producer = self._own, self._producer
        if own.under_way and producer is not None:
            with suppress(KafkaTimeoutError):  # each message says for itself what became of it
                producer.flush(self._seconds)
        while own.under_way:
            own.settle_oldest(self._seconds)
        if own.failures:
            failures, own.failures = own.failures, []
            self._renew(producer)
            raise DeliveryFailed(len(failures), failures[0])

    def close(self) -> None:
        """Give what is under way a few seconds, then let go; raises DeliveryFailed where they were not enough."""
        if self._producer is None:
            return
        try:
            self._producer.close(timeout=limits.CLOSE_SECONDS)
        except KafkaTimeoutError as error:
            raise DeliveryFailed(len(self._own.under_way), sentence(error)) from error

    def _connected(self) -> Any:
        if not self._connecting.acquire(timeout=self._seconds):
            raise BusUnavailable(self._servers, "another thread is still connecting")
        try:
            if self._producer is None:
                self._producer = self._connect()
            return self._producer
        finally:
            self._connecting.release()

    def _renew(self, failed: Any) -> None:
        """An idempotent producer that lost a message refuses all later ones: the next put begins with a new one."""
        with self._connecting:
            if failed is None or self._producer is not failed:
                return
            self._producer = None
        with suppress(KafkaTimeoutError):
            failed.close(timeout=limits.CLOSE_SECONDS)


class _OwnMessages(threading.local):
    """What one thread handed over and has not yet heard of, and what failed of it."""

    def __init__(self) -> None:
        self.under_way: deque[Any] = deque()
        self.failures: list[str] = []

    def settle_oldest(self, seconds: float) -> None:
        """Wait for the oldest message's answer."""
        future = self.under_way.popleft()
        try:
            future.get(timeout=seconds)
        except KafkaError as error:
            self.failures.append(sentence(error))


class ByKey(Partitioner):  # type: ignore[misc]  # the library is untyped
    """The partition of a key as Kafka's own clients choose it, remembered: the hash costs 5 us in Python."""

    def partition(self, topic: str, *rest: Any) -> int:
        """Number of the partition; `rest` is key, its bytes, value, its bytes and the cluster."""
        _, key, _, _, cluster = rest
        count: int = len(cluster.partitions_for_topic(topic))
        return _positive_murmur2(key) % count


@lru_cache(maxsize=100_000)
def _positive_murmur2(key: bytes) -> int:
    hashed: int = murmur2(key)
    return hashed & 0x7FFFFFFF
