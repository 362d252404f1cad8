"""A member of a consumer group, through kafka-python."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from kafka.errors import (
    AuthorizationError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from energytrack.bus import Record, SetAside, limits
from energytrack.bus.kafka.batches import Allowance, read_carefully
from energytrack.bus.link import ConnectionState
from energytrack.bus.refusals import may_not_join, may_not_read
from energytrack.errors import AccessRefused, BusUnavailable

log = structlog.get_logger(__name__)


class KafkaSource:
    """Takes and commits; the library's own thread sends its heartbeats, however long a batch takes."""

    def __init__(
        self, connect: Callable[[], Any], link: ConnectionState, *, topics: Sequence[str], prefix: str, user: str | None
    ) -> None:
        self._connect = connect
        self._link = link
        self._user = user
        self._topics = [prefix + topic for topic in topics]
        self._prefix_length = len(prefix)
        self._consumer: Any = None
        self._allowance = Allowance()
        self._answered_at = time.monotonic()
        self._taken_at = time.monotonic()
        self._look_at = 0.0
        self._passed_over: list[SetAside] = []

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Up to `limit` records; empty if none arrived in time, or while no broker answers."""
        if self._consumer is None and not self._connected(wait):
            return ()
        begin = time.monotonic()
        if begin - self._taken_at > limits.SILENT_SECONDS:
            self._answered_at = begin  # no polls meanwhile: the previous batch took long
        _go_on_joining(self._consumer)
        self._allowance.renew()
        try:
            polled = self._consumer.poll(timeout_ms=wait * 1000, max_records=limit)
        except AuthorizationError as error:
            raise self._refused(error) from error
        except KafkaError as error:
            if not error.retriable:
                raise BusUnavailable(self._link.servers, sentence(error)) from error
            self._link.wait(sentence(error), at_most=wait)
            self._taken_at = time.monotonic()
            return ()
        taken: list[Record] = []
        for (topic, partition), records in polled.items():
            name = topic[self._prefix_length :]
            taken += [Record(name, partition, record.offset, record.key, record.value) for record in records]
        now = self._taken_at = time.monotonic()
        if taken:
            self._answered_at = now
            self._link.fine()
        elif now >= self._look_at:
            self._look_at = now + limits.LOOK_SECONDS
            self._look(now)
        return taken

    def _look(self, now: float) -> None:
        """Whether the broker still answers heartbeats: the library does not report one that is gone or frozen."""
        answered: float = self._consumer._coordinator.heartbeat.last_receive  # noqa: SLF001  # there is no public way
        self._answered_at = max(self._answered_at, answered)
        silent = now - self._answered_at
        if silent >= limits.SILENT_SECONDS:
            self._link.broken("it does not answer heartbeats", silent_seconds=silent)
        elif self._link.since is None or self._answered_at > self._link.since:
            self._link.fine()

    def _connected(self, wait: float) -> bool:
        try:
            self._consumer = self._connect()
        except BusUnavailable as error:
            self._link.wait(error.detail, at_most=wait)
            return False
        self._allowance = read_carefully(self._consumer, self._pass_over)
        self._consumer.subscribe(self._topics)
        self._answered_at = time.monotonic()
        self._link.fine()
        return True

    def set_aside(self) -> Sequence[SetAside]:
        """What was skipped since the last call."""
        passed_over, self._passed_over = self._passed_over, []
        return passed_over

    def _pass_over(self, batch: SetAside) -> None:
        self._passed_over.append(batch._replace(topic=batch.topic[self._prefix_length :]))

    def commit(self) -> None:
        """Commit what was taken. If a rebalance or a broker's restart prevents it, the next commit covers it."""
        if self._consumer is None:
            return
        try:
            self._consumer.commit(timeout_ms=limits.COMMIT_SECONDS * 1000)
        except AuthorizationError as error:
            raise self._refused(error) from error
        except KafkaError as error:
            log.info(
                "commit failed, the next one covers it: records read since the last commit may be read again",
                detail=str(error),
            )

    def _refused(self, error: AuthorizationError) -> AccessRefused:
        match error:
            case TopicAuthorizationFailedError():
                refusal = may_not_read(self._user, self._topics)
            case GroupAuthorizationFailedError():
                refusal = may_not_join(self._user, self._consumer.config["group_id"])
            case _:
                refusal = sentence(error)
        return AccessRefused(self._link.servers, refusal)

    def partitions(self) -> frozenset[tuple[str, int]]:
        """The partitions assigned to this member now."""
        if self._consumer is None:
            return frozenset()
        return frozenset((topic[self._prefix_length :], partition) for topic, partition in self._consumer.assignment())

    def close(self) -> None:
        """Leave the group, so that the others need not wait for the session timeout."""
        self._link.close()
        if self._consumer is not None:
            self._consumer.close(autocommit=False, timeout_ms=limits.CLOSE_SECONDS * 1000)


def _go_on_joining(consumer: Any) -> None:
    """Let the next poll finish a join that took longer than the previous poll.

    The library forgets such a join (3.0.12) if new metadata started it: the member then waits forever, without
    heartbeats and without partitions. Kafka's own client had the same bug, and the same fix (KAFKA-9815).
    """
    coordinator = consumer._coordinator  # noqa: SLF001  # there is no public way
    if coordinator.rejoining:
        coordinator.request_rejoin()


def sentence(error: KafkaError) -> str:
    """The library's message for an error, or at least its class name."""
    return str(error) or type(error).__name__
