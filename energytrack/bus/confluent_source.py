"""A member of a consumer group, through confluent-kafka."""

import json
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException

from energytrack.bus import Record, limits
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
        self._configuration = configuration | {"error_cb": self._told, "stats_cb": self._looked}
        self._link = link
        self._detail = "nothing is heard of it"
        self._topics = [prefix + topic for topic in topics]
        self._prefix_length = len(prefix)
        self._consumer: Any = None
        self._began = time.monotonic()

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Up to `limit` records; empty where none came in time, or while no broker answers."""
        if self._consumer is None:
            self._began = time.monotonic()
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

    def _told(self, error: Any) -> None:
        """What the library says of its connections: not every one of them is needed, so it is only a reason."""
        self._detail = error.str()

    def _looked(self, statistics: str) -> None:
        """How long nothing was heard of any broker; a fetch is answered twice a second even where nothing comes."""
        heard = [
            broker["rxidle"] / 1e6
            for broker in json.loads(statistics)["brokers"].values()
            if broker["rxidle"] >= 0 and broker["source"] != "logical"
        ]
        silent = min(heard) if heard else time.monotonic() - self._began
        if silent >= limits.SILENT_SECONDS:
            self._link.broken(self._detail, silent_seconds=silent)
        elif heard:
            self._link.fine()

    def _note(self, error: Any) -> None:
        """What came in the place of a message: most errors pass, and the library tries again."""
        if error.fatal() or error.code() in _HOPELESS:
            raise BusUnavailable(self._link.servers, error.str())
        if error.code() != _NOT_YET_THERE:
            self._detail = error.str()

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
        self._link.close()
        if self._consumer is not None:
            self._consumer.close()


def sentence(error: KafkaException) -> str:
    """What the library says of an error."""
    said: str = error.args[0].str()
    return said
