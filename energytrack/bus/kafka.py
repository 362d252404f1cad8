"""The bus on Apache Kafka through kafka-python: pure Python, and the default client.

The library is untyped; it is imported here only, and nothing of it leaves this module.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import structlog
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError, KafkaTimeoutError, TopicAlreadyExistsError, for_code
from kafka.partitioner import Partitioner
from kafka.partitioner.default import murmur2

from energytrack.bus import Header, Record, Sink, Source, Start, limits
from energytrack.bus.link import Link
from energytrack.errors import BusUnavailable, DeliveryFailed
from energytrack.settings import KafkaSettings
from energytrack.topics import Topic

log = structlog.get_logger(__name__)


class KafkaBus:
    """Makes sources and sinks that speak to the brokers of the settings."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._connection = _connection(settings, client_id)

    def source(self, group: str, topics: Sequence[str], *, start: Start = "earliest", linger: float = 0.05) -> Source:
        """A member of a group, which it joins at its first take."""
        prefix = self._settings.topic_prefix

        def connect() -> Any:
            consumer = self._made(
                KafkaConsumer,
                group_id=prefix + group,
                auto_offset_reset=start,
                enable_auto_commit=False,
                partition_assignment_strategy=[RangePartitionAssignor],
                allow_auto_create_topics=False,
                session_timeout_ms=limits.SESSION_SECONDS * 1000,
                heartbeat_interval_ms=limits.HEARTBEAT_SECONDS * 1000,
                max_poll_interval_ms=limits.MAX_POLL_SECONDS * 1000,
                fetch_max_bytes=limits.FETCH_BYTES,
                fetch_min_bytes=limits.FULL_FETCH_BYTES if linger > 0 else 1,
                fetch_max_wait_ms=round(linger * 1000) if linger > 0 else 500,
            )
            consumer.subscribe([prefix + topic for topic in topics])
            return consumer

        return KafkaSource(connect, Link(self._settings.servers), self._settings)

    def sink(self, *, patience: float | None = None) -> Sink:
        """A producer of its own, which connects at the first put."""
        seconds = limits.DELIVERY_SECONDS if patience is None else patience

        def connect() -> Any:
            return self._made(
                KafkaProducer,
                acks="all",
                enable_idempotence=True,
                partitioner=_ByKey(),
                allow_auto_create_topics=False,
                max_request_size=limits.MAX_REQUEST_BYTES,
                linger_ms=round(limits.SINK_LINGER_SECONDS * 1000),
                batch_size=limits.SINK_BATCH_BYTES,
                request_timeout_ms=round(min(seconds / 2, limits.REQUEST_SECONDS) * 1000),
                delivery_timeout_ms=round(seconds * 1000),
                max_block_ms=round(seconds * 1000),
            )

        return KafkaSink(connect, Link(self._settings.servers), self._settings.topic_prefix, patience)

    def create_topics(self, topics: Iterable[Topic]) -> None:
        """Create those that are missing, and return when all of them have leaders."""
        wanted = {self._settings.topic_prefix + topic.name: topic for topic in topics}
        admin = _persistently(lambda: self._made(KafkaAdminClient), Link(self._settings.servers))
        try:
            missing = wanted.keys() - set(admin.list_topics())
            if missing:
                answer = admin.create_topics(
                    {name: _layout(wanted[name], self._settings) for name in missing}, raise_errors=False
                )
                for topic in answer["topics"]:
                    error = for_code(topic["error_code"])
                    if topic["error_code"] and error is not TopicAlreadyExistsError:
                        raise BusUnavailable(
                            self._settings.servers,
                            f"the topic {topic['name']} cannot be created: {topic['error_message'] or error.__name__}",
                        )
            admin.wait_for_topics(list(wanted))
        except KafkaError as error:
            raise BusUnavailable(self._settings.servers, _sentence(error)) from error
        finally:
            admin.close()

    def ping(self) -> None:
        """Return when a broker answers; raises BusUnavailable after a few seconds without one."""
        self._made(KafkaAdminClient, seconds=limits.PING_SECONDS).close()

    def _made(
        self, client: Callable[..., Any], *, seconds: float = limits.CONNECT_SECONDS, **configuration: Any
    ) -> Any:
        """A connected client; raises BusUnavailable, and leaves nothing behind, where no broker answers in time."""
        networks: list[Any] = []

        def network(**given: Any) -> Any:
            networks.append(KafkaConsumer.DEFAULT_CONFIG["kafka_client"](**given))
            return networks[-1]

        try:
            return client(
                **self._connection, **configuration, bootstrap_timeout_ms=round(seconds * 1000), kafka_client=network
            )
        except KafkaError as error:
            for made in networks:  # the library leaves its thread and sockets behind when the first contact fails
                made.close()
            raise BusUnavailable(self._settings.servers, _sentence(error)) from error


class KafkaSource:
    """A group member; the library's own thread sends its heartbeats, however long a batch takes."""

    def __init__(self, connect: Callable[[], Any], link: Link, settings: KafkaSettings) -> None:
        self._connect = connect
        self._link = link
        self._settings = settings
        self._consumer: Any = None

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Up to `limit` records; empty where none came in time, or while no broker answers."""
        if self._consumer is None and not self._connected(wait):
            return ()
        strip = len(self._settings.topic_prefix)
        try:
            polled = self._consumer.poll(timeout_ms=wait * 1000, max_records=limit)
        except KafkaError as error:
            if not error.retriable:
                raise BusUnavailable(self._settings.servers, _sentence(error)) from error
            time.sleep(min(wait, self._link.broken(_sentence(error))))
            return ()
        taken: list[Record] = []
        for (topic, partition), records in polled.items():
            name = topic[strip:]
            taken += [Record(name, partition, record.offset, record.key, record.value) for record in records]
        if taken:
            self._link.fine()
        return taken

    def _connected(self, wait: float) -> bool:
        try:
            self._consumer = self._connect()
        except BusUnavailable as error:
            time.sleep(min(wait, self._link.broken(error.detail)))
            return False
        self._link.fine()
        return True

    def commit(self) -> None:
        """Commit what was taken; a commit overtaken by a rebalance, or by a broker's restart, is left to the next."""
        if self._consumer is None:
            return
        try:
            self._consumer.commit(timeout_ms=limits.COMMIT_SECONDS * 1000)
        except KafkaError as error:
            log.info("commit left to the next one: the records since the last are taken again", detail=_sentence(error))

    def partitions(self) -> frozenset[tuple[str, int]]:
        """The partitions that are this member's now."""
        if self._consumer is None:
            return frozenset()
        strip = len(self._settings.topic_prefix)
        return frozenset((topic[strip:], partition) for topic, partition in self._consumer.assignment())

    def close(self) -> None:
        """Leave the group, so that the others need not wait for the session to end."""
        if self._consumer is not None:
            self._consumer.close(autocommit=False, timeout_ms=limits.CLOSE_SECONDS * 1000)


class KafkaSink:
    """A producer; each thread waits for, and hears of, the messages that it put itself."""

    def __init__(self, connect: Callable[[], Any], link: Link, prefix: str, patience: float | None) -> None:
        self._connect = connect
        self._link = link
        self._prefix = prefix
        self._patience = patience
        self._seconds = limits.DELIVERY_SECONDS if patience is None else patience
        self._producer: Any = None
        self._lock = threading.Lock()
        self._own = _OwnMessages(self._seconds)

    def put(self, topic: str, key: str, value: bytes, headers: Sequence[Header] = ()) -> None:
        """Hand over one message; waits while too many of this thread's are under way."""
        own = self._own
        while len(own.under_way) >= limits.MAX_UNDER_WAY:
            own.settle_oldest()
        try:
            own.under_way.append(
                self._connected().send(self._prefix + topic, value=value, key=key.encode(), headers=list(headers))
            )
        except KafkaError as error:  # too large, or a topic that does not exist
            own.failures.append(f"{topic}: {_sentence(error)}")

    def flush(self) -> None:
        """Return when everything that this thread put is acknowledged; raises DeliveryFailed otherwise."""
        own = self._own
        if own.under_way:
            with suppress(KafkaTimeoutError):  # each message says for itself what became of it
                self._producer.flush(self._seconds)
        while own.under_way:
            own.settle_oldest()
        if own.failures:
            failures, own.failures = own.failures, []
            raise DeliveryFailed(len(failures), failures[0])

    def close(self) -> None:
        """Give what is under way a few seconds, then let go; raises DeliveryFailed where they were not enough."""
        if self._producer is None:
            return
        try:
            self._producer.close(timeout=limits.CLOSE_SECONDS)
        except KafkaTimeoutError as error:
            raise DeliveryFailed(len(self._own.under_way), _sentence(error)) from error

    def _connected(self) -> Any:
        if self._producer is not None:
            return self._producer
        if not self._lock.acquire(timeout=-1 if self._patience is None else self._patience):
            raise BusUnavailable(self._link.servers, "still connecting")
        try:
            if self._producer is None:
                self._producer = _persistently(self._connect, self._link, patience=self._patience)
        finally:
            self._lock.release()
        return self._producer


class _OwnMessages(threading.local):
    """What one thread handed over and has not yet heard of, and what failed of it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.under_way: deque[Any] = deque()
        self.failures: list[str] = []

    def settle_oldest(self) -> None:
        """Wait for the oldest message's answer."""
        future = self.under_way.popleft()
        try:
            future.get(timeout=self._seconds)
        except KafkaError as error:
            self.failures.append(_sentence(error))


class _ByKey(Partitioner):  # type: ignore[misc]  # the library is untyped
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


def _persistently(connect: Callable[[], Any], link: Link, *, patience: float | None = None) -> Any:
    """What `connect` makes, as soon as a broker answers; raises BusUnavailable when `patience` (seconds) runs out."""
    deadline = None if patience is None else time.monotonic() + patience
    while True:
        try:
            made = connect()
        except BusUnavailable as error:
            pause = link.broken(error.detail)
            if deadline is not None and time.monotonic() + pause > deadline:
                raise
            time.sleep(pause)
        else:
            link.fine()
            return made


def _connection(settings: KafkaSettings, client_id: str) -> dict[str, Any]:
    connection: dict[str, Any] = {
        "bootstrap_servers": [server.strip() for server in settings.servers.split(",")],
        "client_id": client_id,
        "security_protocol": settings.security_protocol,
        "metadata_max_age_ms": limits.METADATA_SECONDS * 1000,
        "reconnect_backoff_max_ms": 2000,
    }
    if settings.ca_file is not None:
        connection["ssl_cafile"] = str(settings.ca_file)
    if settings.security_protocol.startswith("SASL") and settings.password is not None:
        connection |= {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.username,
            "sasl_plain_password": settings.password.get_secret_value(),
        }
    return connection


def _layout(topic: Topic, settings: KafkaSettings) -> dict[str, Any]:
    return {
        "num_partitions": settings.partitions,
        "replication_factor": settings.replication,
        "configs": {"retention.ms": str(topic.retention_hours * 3_600_000), "max.message.bytes": str(topic.max_bytes)},
    }


def _sentence(error: KafkaError) -> str:
    return str(error) or type(error).__name__
