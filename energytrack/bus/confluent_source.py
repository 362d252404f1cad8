"""A member of a consumer group, through confluent-kafka."""

from collections.abc import Sequence
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException

from energytrack.bus import Record
from energytrack.bus.link import Link
from energytrack.errors import BusUnavailable

log = structlog.get_logger(__name__)

_GATHER_SECONDS: Final = 0.005
"""A fetch's partitions arrive one after the other; a take waits this long for the rest of them."""
_NOTHING_TO_COMMIT: Final = KafkaError._NO_OFFSET  # noqa: SLF001  # the library's public names of local errors
_NOT_YET_THERE: Final = KafkaError.UNKNOWN_TOPIC_OR_PART
_HOPELESS: Final = frozenset({KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED})


class ConfluentSource:
    """Takes and commits; the library's own threads fetch ahead and send its heartbeats."""

    def __init__(self, configuration: dict[str, Any], link: Link, *, topics: Sequence[str], prefix: str) -> None:
        self._configuration = configuration | {"error_cb": lambda error: link.broken(error.str())}
        self._link = link
        self._topics = [prefix + topic for topic in topics]
        self._prefix_length = len(prefix)
        self._consumer: Any = None

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Up to `limit` records; empty where none came in time, or while no broker answers."""
        if self._consumer is None:
            self._consumer = Consumer(self._configuration)
            self._consumer.subscribe(self._topics)
        try:
            messages = self._consumer.consume(1, wait)
            if messages and limit > 1:
                messages += self._consumer.consume(limit - 1, _GATHER_SECONDS)
        except KafkaException as error:
            raise BusUnavailable(self._link.servers, sentence(error)) from error
        start = self._prefix_length
        taken: list[Record] = []
        for message in messages:
            if message.error() is None:
                taken.append(
                    Record(
                        message.topic()[start:], message.partition(), message.offset(), message.key(), message.value()
                    )
                )
            else:
                self._note(message.error())
        if taken:
            self._link.fine()
        return taken

    def _note(self, error: Any) -> None:
        """What came in the place of a message: most errors pass, and the library tries again."""
        if error.fatal() or error.code() in _HOPELESS:
            raise BusUnavailable(self._link.servers, error.str())
        if error.code() != _NOT_YET_THERE:
            self._link.broken(error.str())

    def commit(self) -> None:
        """Commit what was taken; a commit overtaken by a rebalance, or by a broker's restart, is left to the next."""
        if self._consumer is None:
            return
        try:
            self._consumer.commit(asynchronous=False)
        except KafkaException as error:
            code = error.args[0].code()
            if code in _HOPELESS:
                raise BusUnavailable(self._link.servers, sentence(error)) from error
            if code != _NOTHING_TO_COMMIT:
                log.info(
                    "commit left to the next one: what was taken since the last may be taken again",
                    detail=sentence(error),
                )

    def partitions(self) -> frozenset[tuple[str, int]]:
        """The partitions that are this member's now."""
        if self._consumer is None:
            return frozenset()
        return frozenset((own.topic[self._prefix_length :], own.partition) for own in self._consumer.assignment())

    def close(self) -> None:
        """Leave the group, so that the others need not wait for the session to end."""
        if self._consumer is not None:
            self._consumer.close()


def sentence(error: KafkaException) -> str:
    """What the library says of an error."""
    said: str = error.args[0].str()
    return said
