"""The bus on Apache Kafka through confluent-kafka (librdkafka): several times as fast, as an optional extra.

The library is untyped: it is imported in this package only, and none of its types leave it.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from energytrack.bus import Sink, Source, Start, limits
from energytrack.bus.confluent.single_partition_reader import SinglePartitionReader
from energytrack.bus.confluent.sink import ConfluentCarrier
from energytrack.bus.confluent.source import ConfluentSource, sentence
from energytrack.bus.delivery import DeliveringSink
from energytrack.bus.kafka.client import KafkaBus
from energytrack.bus.link import ConnectionState
from energytrack.bus.reach import reach, silence
from energytrack.errors import BusUnavailable
from energytrack.running.health import Health
from energytrack.settings import KafkaSettings
from energytrack.topics import Topic


class ConfluentBus:
    """Creates sources and sinks for the brokers of the settings."""

    def __init__(self, settings: KafkaSettings, client_id: str, *, health: Health | None = None) -> None:
        self._settings = settings
        self._health = health
        self._servers = settings.servers
        self._prefix = settings.topic_prefix
        self._client_id = client_id
        self._connection = _connection(settings, client_id)

    def source(self, group: str, topics: Sequence[str], *, start: Start = "earliest", linger: float = 0.05) -> Source:
        """A member of a group, which it joins at its first take."""
        configuration = self._connection | {
            "group.id": self._prefix + group,
            "auto.offset.reset": start,
            "enable.auto.commit": False,
            "partition.assignment.strategy": "range",
            "session.timeout.ms": limits.SESSION_SECONDS * 1000,
            "heartbeat.interval.ms": limits.HEARTBEAT_SECONDS * 1000,
            "max.poll.interval.ms": limits.MAX_POLL_SECONDS * 1000,
            "fetch.max.bytes": limits.FETCH_BYTES,
            "fetch.min.bytes": limits.FULL_FETCH_BYTES if linger > 0 else 1,
            "fetch.wait.max.ms": round((linger or limits.IDLE_FETCH_SECONDS) * 1000),
            "queued.max.messages.kbytes": limits.FETCH_BYTES // 1000,
            "statistics.interval.ms": limits.LOOK_SECONDS * 1000,
            "check.crcs": True,
            "receive.message.max.bytes": limits.MAX_UNPACKED_BYTES,  # also the limit for decompressed zstd
        }
        return ConfluentSource(
            configuration,
            ConnectionState(self._servers, self._health),
            SinglePartitionReader(KafkaBus(self._settings, self._client_id).reader),
            topics=topics,
            prefix=self._prefix,
            user=self._settings.username,
        )

    def sink(self, *, patience: float | None = None, stop: threading.Event | None = None) -> Sink:
        """A factory of producers, used one after the other; the first connects at the first put."""
        seconds = self._settings.delivery_seconds if patience is None else patience
        configuration = self._connection | {
            "acks": "all",
            "enable.idempotence": True,
            "partitioner": "murmur2_random",  # as Kafka's own clients and kafka-python choose partitions
            "message.max.bytes": limits.MAX_REQUEST_BYTES,
            "linger.ms": round(limits.SINK_LINGER_SECONDS * 1000),
            "batch.size": limits.SINK_BATCH_BYTES,
            "compression.type": self._settings.compression,
            "request.timeout.ms": round(min(seconds / 2, limits.REQUEST_SECONDS) * 1000),
            "delivery.timeout.ms": round(seconds * 1000),
            "queue.buffering.max.messages": limits.MAX_UNDER_WAY,
            "delivery.report.only.error": True,  # a report for each message costs as much as sending it
        }
        return DeliveringSink(
            lambda _: ConfluentCarrier(configuration, prefix=self._prefix, user=self._settings.username),
            ConnectionState(self._servers, self._health if patience is None else None),
            seconds=seconds,
            patient=patience is None,
            stop=stop,
        )

    def create_topics(self, topics: Iterable[Topic]) -> None:
        """Create those that are missing."""
        wanted = {self._prefix + topic.name: topic for topic in topics}
        admin = AdminClient(self._connection)
        existing = ConnectionState(self._servers, self._health).persist(
            lambda: self._topics(admin, seconds=limits.CONNECT_SECONDS)
        )
        missing = [
            NewTopic(
                name,
                num_partitions=self._settings.partitions,
                replication_factor=self._settings.replication,
                config=wanted[name].configuration(),
            )
            for name in wanted.keys() - existing
        ]
        for name, created in (admin.create_topics(missing) if missing else {}).items():
            try:
                created.result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise BusUnavailable(
                        self._servers, f"the topic {name} cannot be created: {sentence(error)}"
                    ) from error

    def ping(self) -> None:
        """Return when a broker answers; raises BusUnavailable after a few seconds without one."""
        self._topics(AdminClient(self._connection), seconds=limits.PING_SECONDS)

    def _topics(self, admin: Any, *, seconds: float) -> set[str]:
        reach(self._servers, seconds=seconds)
        try:
            return set(admin.list_topics(timeout=seconds).topics)
        except KafkaException as error:
            raise BusUnavailable(self._servers, silence(self._settings)) from error


def _connection(settings: KafkaSettings, client_id: str) -> dict[str, Any]:
    connection: dict[str, Any] = {
        "bootstrap.servers": settings.servers,
        "client.id": client_id,
        "security.protocol": settings.security_protocol,
        "allow.auto.create.topics": False,
        "topic.metadata.refresh.interval.ms": limits.METADATA_SECONDS * 1000,
        "reconnect.backoff.max.ms": limits.RECONNECT_SECONDS * 1000,
        "log.connection.close": False,
        "logger": logging.getLogger("kafka.librdkafka"),
    }
    if settings.security_protocol.endswith("SSL"):
        files = {
            "ssl.ca.location": settings.ca_file,
            "ssl.certificate.location": settings.cert_file,
            "ssl.key.location": settings.key_file,
        }
        connection |= {name: str(file) for name, file in files.items() if file is not None}
    if settings.security_protocol.startswith("SASL"):
        connection |= {
            "sasl.mechanism": settings.sasl_mechanism,
            "sasl.username": settings.username,
            "sasl.password": settings.password.get_secret_value() if settings.password else None,
        }
    return connection
