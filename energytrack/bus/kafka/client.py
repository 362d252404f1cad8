"""The bus on Apache Kafka through kafka-python: pure Python, and the default client.

The library is untyped: it is imported here, in `kafka_source` and in `kafka_sink` only, and none of its types leave
these modules.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError, KafkaTimeoutError, TopicAlreadyExistsError, for_code
from kafka.net.compat import KafkaNetClient
from kafka.net.selector import NetworkSelector

from energytrack.bus import Sink, Source, Start, limits
from energytrack.bus.delivery import DeliveringSink
from energytrack.bus.kafka.sink import ByKey, KafkaCarrier
from energytrack.bus.kafka.source import KafkaSource, sentence
from energytrack.bus.link import ConnectionState
from energytrack.bus.reach import reach, silence
from energytrack.errors import BusUnavailable
from energytrack.running.health import Health
from energytrack.settings import KafkaSettings
from energytrack.topics import Topic


class KafkaBus:
    """Creates sources and sinks for the brokers of the settings."""

    def __init__(self, settings: KafkaSettings, client_id: str, *, health: Health | None = None) -> None:
        self._settings = settings
        self._health = health
        self._servers = settings.servers
        self._prefix = settings.topic_prefix
        self._connection = _connection(settings, client_id)

    def source(self, group: str, topics: Sequence[str], *, start: Start = "earliest", linger: float = 0.05) -> Source:
        """A member of a group, which it joins at its first take."""

        def connect() -> Any:
            return self._connected(
                KafkaConsumer,
                group_id=self._prefix + group,
                auto_offset_reset=start,
                enable_auto_commit=False,
                partition_assignment_strategy=[RangePartitionAssignor],
                allow_auto_create_topics=False,
                session_timeout_ms=limits.SESSION_SECONDS * 1000,
                heartbeat_interval_ms=limits.HEARTBEAT_SECONDS * 1000,
                max_poll_interval_ms=limits.MAX_POLL_SECONDS * 1000,
                fetch_max_bytes=limits.FETCH_BYTES,
                fetch_min_bytes=limits.FULL_FETCH_BYTES if linger > 0 else 1,
                fetch_max_wait_ms=round((linger or limits.IDLE_FETCH_SECONDS) * 1000),
            )

        link, user = ConnectionState(self._servers, self._health), self._settings.username
        return KafkaSource(connect, link, topics=topics, prefix=self._prefix, user=user)

    def reader(self) -> Any:
        """A consumer of the library that belongs to no group and skips nothing by itself."""
        return self._connected(
            KafkaConsumer,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            fetch_max_bytes=limits.FETCH_BYTES,
        )

    def sink(self, *, patience: float | None = None, stop: threading.Event | None = None) -> Sink:
        """A factory of producers, used one after the other; the first connects at the first put."""
        seconds = self._settings.delivery_seconds if patience is None else patience
        link = ConnectionState(self._servers, self._health if patience is None else None)

        def producer() -> Any:
            return self._connected(
                KafkaProducer,
                acks="all",
                enable_idempotence=True,
                partitioner=ByKey(),
                allow_auto_create_topics=False,
                max_request_size=limits.MAX_REQUEST_BYTES,
                linger_ms=round(limits.SINK_LINGER_SECONDS * 1000),
                batch_size=limits.SINK_BATCH_BYTES,
                compression_type=None if self._settings.compression == "none" else self._settings.compression,
                request_timeout_ms=round(min(seconds / 2, limits.REQUEST_SECONDS) * 1000),
                delivery_timeout_ms=round(seconds * 1000),
                max_block_ms=limits.BLOCK_SECONDS * 1000,
            )

        def connect(within: float | None) -> KafkaCarrier:
            made = link.persist(producer, patience=within, stop=stop)
            return KafkaCarrier(made, prefix=self._prefix, user=self._settings.username)

        return DeliveringSink(connect, link, seconds=seconds, patient=patience is None, stop=stop)

    def admin(self, *, patient: bool = True) -> Any:
        """The library's client for administrators; waits for a broker, or without patience raises BusUnavailable.

        A client without patience is meant for a few requests, then to be closed: its connections end if they are
        silent.
        """
        if not patient:
            return self._connected(KafkaAdminClient, seconds=limits.PING_SECONDS, network=impatient)
        return ConnectionState(self._servers, self._health).persist(lambda: self._connected(KafkaAdminClient))

    def create_topics(self, topics: Iterable[Topic]) -> None:
        """Create those that are missing, and return when all of them have leaders."""
        wanted = {self._prefix + topic.name: topic for topic in topics}
        admin = self.admin()
        try:
            missing = wanted.keys() - set(admin.list_topics())
            if missing:
                layouts = {name: _layout(wanted[name], self._settings) for name in missing}
                for topic in admin.create_topics(layouts, raise_errors=False)["topics"]:
                    _raise_unless_created(topic)
            admin.wait_for_topics(list(wanted))
        except KafkaError as error:
            raise BusUnavailable(self._servers, sentence(error)) from error
        finally:
            admin.close()

    def ping(self) -> None:
        """Return when a broker answers; raises BusUnavailable after a few seconds without one.

        It takes half a minute longer if something accepts encrypted connections but does not answer.
        """
        self.admin(patient=False).close()

    def _connected(
        self,
        client: Callable[..., Any],
        *,
        seconds: float = limits.CONNECT_SECONDS,
        network: Callable[..., Any] = KafkaNetClient,
        **configuration: Any,
    ) -> Any:
        """A connected client; raises BusUnavailable, without leaking resources, if no broker answers in time."""
        reach(self._servers, seconds=seconds)
        try:
            milliseconds = round(seconds * 1000)
            return connected(client, network, **self._connection, **configuration, bootstrap_timeout_ms=milliseconds)
        except KafkaError as error:
            reason = silence(self._settings) if isinstance(error, KafkaTimeoutError) else sentence(error)
            raise BusUnavailable(self._servers, reason) from error


def impatient(**options: Any) -> Any:
    """The library's network for a client that is closed soon: none of its connections waits forever.

    The library's own limits do not apply while an encrypted connection is being established (3.0.12): if the server
    accepts it and sends nothing, as a frozen one does, the library waits forever, and so does its caller.
    """
    made = NetworkSelector(**options)
    wait_read = made.wait_read
    made.wait_read = lambda socket, timeout_at=None: wait_read(
        socket, time.monotonic() + limits.SILENT_CONNECTION_SECONDS if timeout_at is None else timeout_at
    )
    return KafkaNetClient(net=made, **options)


def connected(client: Callable[..., Any], network: Callable[..., Any] = KafkaNetClient, /, **configuration: Any) -> Any:
    """A client of the library; raises KafkaError if its first connection fails, without leaking a thread and sockets.

    The library leaves both behind.
    """
    networks: list[Any] = []

    def kept(**options: Any) -> Any:
        networks.append(network(**options))
        return networks[-1]

    try:
        return client(**configuration, kafka_client=kept)
    except KafkaError:
        for made in networks:
            made.close()
        raise


def _connection(settings: KafkaSettings, client_id: str) -> dict[str, Any]:
    connection: dict[str, Any] = {
        "bootstrap_servers": [server.strip() for server in settings.servers.split(",")],
        "client_id": client_id,
        "security_protocol": settings.security_protocol,
        "metadata_max_age_ms": limits.METADATA_SECONDS * 1000,
        "reconnect_backoff_max_ms": limits.RECONNECT_SECONDS * 1000,
    }
    if settings.security_protocol.endswith("SSL"):
        files = {"ssl_cafile": settings.ca_file, "ssl_certfile": settings.cert_file, "ssl_keyfile": settings.key_file}
        connection |= {name: str(file) for name, file in files.items() if file is not None}
    if settings.security_protocol.startswith("SASL"):
        connection |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.username,
            "sasl_plain_password": settings.password.get_secret_value() if settings.password else None,
        }
    return connection


def _layout(topic: Topic, settings: KafkaSettings) -> dict[str, Any]:
    return {
        "num_partitions": settings.partitions,
        "replication_factor": settings.replication,
        "configs": topic.configuration(),
    }


def _raise_unless_created(topic: dict[str, Any]) -> None:
    error = for_code(topic["error_code"])
    if topic["error_code"] and error is not TopicAlreadyExistsError:
        raise error(f"the topic {topic['name']} cannot be created: {topic['error_message'] or error.__name__}")
