"""A member of a consumer group, through confluent-kafka."""

import json
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from msgspec.structs import replace

from energytrack.bus import Record, SetAside, limits
from energytrack.bus.confluent.leaving import leave
from energytrack.bus.confluent.single_partition_reader import SinglePartitionReader
from energytrack.bus.link import ConnectionState
from energytrack.bus.refusals import may_not_join, may_not_read
from energytrack.errors import AccessRefused, BusUnavailable

log = structlog.get_logger(__name__)

_GATHER_SECONDS: Final = 0.005
"""The partitions of a fetch arrive one after the other; a take waits this long for the rest of them."""
_NOT_YET_THERE: Final = KafkaError.UNKNOWN_TOPIC_OR_PART
_HOPELESS: Final = frozenset({KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED})
_UNREADABLE: Final = frozenset(
    {KafkaError._BAD_MSG, KafkaError._BAD_COMPRESSION, KafkaError._NOT_IMPLEMENTED}  # noqa: SLF001  # its public names
)
_READING: Final = "reading "
"""Prefix of the note that a running member stores with its offsets. A member that finds another member's note knows
that it was killed, perhaps by the very messages that follow.
"""

Place = tuple[str, int]
"""A topic, by its name on the broker, and a partition."""


class _Stretch(NamedTuple):
    """The range of a partition that is read carefully."""

    begin: int
    end: int


class ConfluentSource:
    """Takes and commits; the library's own threads prefetch and send heartbeats.

    The library stops at a batch that it cannot decode, and decompresses gzip and lz4 without a limit. Such batches, and
    those that a member was reading when it was killed, are read by another client: slowly but safely.
    """

    def __init__(
        self,
        configuration: dict[str, Any],
        link: ConnectionState,
        reader: SinglePartitionReader,
        *,
        topics: Sequence[str],
        prefix: str,
        user: str | None,
    ) -> None:
        self._configuration = configuration | {"error_cb": self._on_error, "stats_cb": self._looked}
        self._link = link
        self._user = user
        self._reader = reader
        self._detail = "it has not answered yet"
        self._topics = [prefix + topic for topic in topics]
        self._names = {prefix + topic: topic for topic in topics}
        """The topics by their names on the broker; each record has the same string, whose hash is known."""
        self._note = _READING + uuid.uuid4().hex
        self._consumer: Any = None
        self._closing = False
        """Whether it is leaving its group: callbacks must not ask the library for anything then (`leave`)."""
        self._began = time.monotonic()
        self._in_doubt = False
        """Whether an error was reported and no broker has answered since."""
        self._committed: dict[Place, int] = {}
        """For each of this member's partitions, the offset that the group has committed."""
        self._taken: dict[Place, int] = {}
        """The offset up to which each was taken."""
        self._stretches: dict[Place, _Stretch] = {}

    def take(self, limit: int, wait: float) -> Sequence[Record]:
        """Up to `limit` records; empty if none arrived in time, or while no broker answers."""
        if self._consumer is None:
            self._began = time.monotonic()
            self._consumer = Consumer(self._configuration)
            self._consumer.subscribe(
                self._topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost
            )
        taken = self._take_with_care(limit, wait) if self._stretches else []
        if not taken:
            taken = self._take(limit, 0.0 if self._stretches else wait)
        if taken:
            self._fine()
        return taken

    def _take(self, limit: int, wait: float) -> list[Record]:
        try:
            messages = self._consumer.consume(1, wait)
            if messages and limit > 1:
                messages += self._consumer.consume(limit - 1, _GATHER_SECONDS)
        except KafkaException as error:
            raise BusUnavailable(self._link.servers, sentence(error)) from error
        names, begins = self._names, self._taken
        taken: list[Record] = []
        for message in messages:
            if message.error() is None:
                topic, partition, offset = message.topic(), message.partition(), message.offset()
                taken.append(Record(names[topic], partition, offset, message.key(), message.value()))
                begins[topic, partition] = offset + 1
            else:
                self._note_error(message)
        return taken

    def _on_error(self, error: Any) -> None:
        """What the library reports about single connections. Not every connection is needed, so this is only a hint."""
        self._detail = error.str()
        self._in_doubt = True

    def _looked(self, statistics: str) -> None:
        """How long no broker has answered; a fetch is answered twice a second even if there are no messages."""
        records = [
            broker["rxidle"] / 1e6
            for broker in json.loads(statistics)["brokers"].values()
            if broker["rxidle"] >= 0 and broker["source"] != "logical"
        ]
        silent = min(records) if records else time.monotonic() - self._began
        if silent >= limits.SILENT_SECONDS:
            self._link.broken(self._detail, silent_seconds=silent)
        elif records:
            self._fine(silent_seconds=silent)

    def _fine(self, *, silent_seconds: float = 0.0) -> None:
        if silent_seconds < limits.LOOK_SECONDS:
            self._in_doubt = False
        self._link.fine()

    def _note_error(self, message: Any) -> None:
        """Handle an error in place of a message; most are temporary, and the library retries."""
        error = message.error()
        if error.code() in _UNREADABLE and message.offset() is not None and message.offset() >= 0:
            self._care_for((message.topic(), message.partition()), message.offset(), message.offset() + 1)
        elif error.code() in _HOPELESS:
            raise self._refused(error)
        elif error.fatal():
            raise BusUnavailable(self._link.servers, error.str())
        elif error.code() != _NOT_YET_THERE:
            self._detail = error.str()

    def _refused(self, error: Any) -> AccessRefused:
        if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            return AccessRefused(self._link.servers, may_not_read(self._user, self._topics))
        return AccessRefused(self._link.servers, may_not_join(self._user, self._configuration["group.id"]))

    def _care_for(self, place: Place, begin: int, end: int) -> None:
        if place in self._committed and place not in self._stretches:
            self._stretches[place] = _Stretch(begin, end)
            self._consumer.pause([TopicPartition(*place)])

    def _take_with_care(self, limit: int, wait: float) -> list[Record]:
        """The next records of a partition that is read carefully; after them the library takes over again."""
        place, (begin, end) = next(iter(self._stretches.items()))
        del self._stretches[place]
        records: Sequence[Record] = ()
        if begin < end:
            try:
                records, begin = self._reader.read(*place, begin, limit=limit, wait=wait)
            except BusUnavailable as error:
                self._link.broken(error.detail)
            else:
                self._taken[place] = begin
        if begin < end or not self._given_back(place, begin):
            self._stretches[place] = _Stretch(begin, end)  # behind those of other partitions
        return [replace(record, topic=self._names[record.topic]) for record in records]

    def _given_back(self, place: Place, offset: int) -> bool:
        try:
            self._consumer.seek(TopicPartition(*place, offset))
            self._consumer.resume([TopicPartition(*place)])
        except KafkaException:
            return False  # the library is not ready for it yet
        return True

    def set_aside(self) -> Sequence[SetAside]:
        """What was skipped since the last call."""
        return [batch._replace(topic=self._names[batch.topic]) for batch in self._reader.set_aside()]

    def commit(self) -> None:
        """Commit what was taken. If a rebalance or a broker's restart prevents it, the next commit covers it."""
        taken = {place: offset for place, offset in self._taken.items() if place in self._committed}
        self._taken.clear()
        if not taken:
            return
        try:
            self._keep(taken, self._note)
        except KafkaException as error:
            if error.args[0].code() in _HOPELESS:
                raise self._refused(error.args[0]) from error
            self._taken = taken | self._taken
            log.info(
                "commit failed, the next one covers it: records read since the last commit may be read again",
                detail=sentence(error),
            )
        else:
            self._committed |= taken

    def _keep(self, offsets: dict[Place, int], note: str) -> None:
        kept = [TopicPartition(*place, offset, note) for place, offset in offsets.items()]
        self._consumer.commit(offsets=kept, asynchronous=False)

    def _assigned(self, consumer: Any, partitions: Sequence[Any]) -> None:
        """Note in each partition that it is being read, and read carefully what a killed member left uncommitted."""
        if self._closing:
            return  # the library gives them back at once
        self._forget(self._committed.keys() - {(each.topic, each.partition) for each in partitions})
        try:
            committed = consumer.committed(partitions, timeout=limits.COMMIT_SECONDS)
            begins = {(each.topic, each.partition): self._begin(consumer, each) for each in committed}
            left = [each for each in committed if self._was_left(each)]
            ends = {(each.topic, each.partition): self._watermarks(consumer, each)[1] for each in left}
            consumer.assign([TopicPartition(*place, offset) for place, offset in begins.items()])
            self._committed |= begins
            for place, end in ends.items():
                self._care_for(place, begins[place], end)
            self._keep(begins, self._note)
        except KafkaException as error:
            self._committed |= {(each.topic, each.partition): each.offset for each in partitions}
            log.info("cannot note that these partitions are being read", detail=sentence(error))

    def _begin(self, consumer: Any, committed: Any) -> int:
        if committed.offset >= 0:
            offset: int = committed.offset
            return offset
        first, last = self._watermarks(consumer, committed)
        return first if self._configuration["auto.offset.reset"] == "earliest" else last

    def _was_left(self, committed: Any) -> bool:
        note = committed.metadata or ""
        return committed.offset >= 0 and note.startswith(_READING) and note != self._note

    @staticmethod
    def _watermarks(consumer: Any, partition: Any) -> tuple[int, int]:
        where = TopicPartition(partition.topic, partition.partition)
        first, last = consumer.get_watermark_offsets(where, timeout=limits.COMMIT_SECONDS)
        return first, last

    def _revoked(self, _consumer: Any, partitions: Sequence[Any]) -> None:
        places = {(each.topic, each.partition) for each in partitions}
        if not self._closing:
            self._take_notes_away(places)
        self._forget(places)

    def _lost(self, _consumer: Any, partitions: Sequence[Any]) -> None:
        self._forget((each.topic, each.partition) for each in partitions)

    def _forget(self, places: Iterable[Place]) -> None:
        for place in list(places):
            self._committed.pop(place, None)
            self._taken.pop(place, None)
            self._stretches.pop(place, None)

    def _take_notes_away(self, places: Iterable[Place]) -> None:
        kept = {place: self._committed[place] for place in places if self._committed.get(place, -1) >= 0}
        if kept:
            with suppress(KafkaException):
                self._keep(kept, "")

    def partitions(self) -> frozenset[tuple[str, int]]:
        """The partitions assigned to this member now."""
        if self._consumer is None:
            return frozenset()
        return frozenset((self._names[own.topic], own.partition) for own in self._consumer.assignment())

    def close(self) -> None:
        """Take the notes away, then leave the group: no callback may do it afterwards."""
        self._link.close()
        self._reader.close()
        if self._consumer is None or self._closing:
            return
        if not self._in_doubt and self._link.since is None:  # otherwise the notes stay: a commit would fail now
            self._take_notes_away(self._committed)
        self._closing = True
        leave(self._consumer)


def sentence(error: KafkaException) -> str:
    """The library's message for an error."""
    text: str = error.args[0].str()
    return text
