"""Reads kafka-python's batches one by one and safely: an undecodable batch is set aside, and reading continues.

The library stops, and with it the service, at the first batch that it cannot decode: an unknown codec, a wrong
checksum, a damaged record. It would meet the same batch again after each restart, forever. It also decompresses any
batch without a limit on its size. Here each batch is checked, and decompressed with a limit, before the library sees
it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from kafka.errors import CorruptRecordError

from energytrack.bus import SetAside, SetAsideReason, limits
from energytrack.bus.kafka.unpack import Unreadable, unpack

_CODEC: Final = 0x07
_HEADER_BYTES: Final = 61
"""Offset of the records in a batch of Kafka's format 2, in use since Kafka 0.11; they may be compressed."""


class Allowance:
    """How many bytes may still be decompressed before what was read has been handed on.

    One fetch holds hundreds of small batches, each of which decompresses to a little less than a batch may. What is not
    read is dropped, and fetched again.
    """

    def __init__(self) -> None:
        self._left = limits.MAX_UNPACKED_BYTES

    def renew(self) -> None:
        """What was read before has been handed on."""
        self._left = limits.MAX_UNPACKED_BYTES

    def use(self, size: int) -> None:
        """A batch of so many bytes is read."""
        self._left -= size

    def use_up(self) -> None:
        """The next batch does not fit."""
        self._left = 0

    def is_used_up(self) -> bool:
        """Whether no further batch may be read for now."""
        return self._left <= 0

    def is_untouched(self) -> bool:
        """Whether nothing was read since it was renewed: what does not fit now never will."""
        return self._left >= limits.MAX_UNPACKED_BYTES

    @property
    def left(self) -> int:
        """Bytes for the next batch."""
        return self._left


def read_carefully(consumer: Any, report: Callable[[SetAside], None]) -> Allowance:
    """Make a consumer of the library skip batches that cannot be decoded; `report` is called with each.

    The allowance has to be renewed before each poll.
    """
    fetcher = consumer._fetcher  # noqa: SLF001  # the library has no public way
    library = fetcher.PartitionRecords
    allowance = Allowance()

    def careful(fetch_offset: int, partition: Any, records: Any, **rest: Any) -> Any:
        guarded = _FetchedRecords(records, partition, fetch_offset, report, allowance)
        return library(fetch_offset, partition, guarded, **{**rest, "check_crcs": False})

    fetcher.PartitionRecords = careful
    return allowance


class _FetchedRecords:
    """The library's batches of one fetched partition; an undecodable one is replaced by an empty one."""

    def __init__(
        self, records: Any, partition: Any, position: int, report: Callable[[SetAside], None], allowance: Allowance
    ) -> None:
        self._records = records
        self._allowance = allowance
        self._partition = partition
        self._position = position
        self._found = report

    def next_batch(self) -> Any:
        """The next batch; None at the end, and once the allowance is used up."""
        if self._allowance.is_used_up():
            return None
        try:
            batch = self._records.next_batch()
        except (CorruptRecordError, AssertionError, ValueError) as error:
            return self._set_aside(self._position, self._position, Unreadable("damaged", f"no batch: {error}"), b"")
        if batch is None or batch.magic != 2:
            return None if batch is None else self._old(batch)
        last = max(batch.last_offset, self._position)  # even if the header is damaged, reading must move forward
        raw = bytes(batch._buffer)  # noqa: SLF001
        try:
            _prepare(batch, raw, most=self._allowance.left)
        except Unreadable as unreadable:
            if unreadable.reason == "too_large" and not self._allowance.is_untouched():
                self._allowance.use_up()
                return None
            return self._set_aside(batch.base_offset, last, unreadable, raw)
        self._position = last + 1
        self._allowance.use(len(batch._buffer))  # noqa: SLF001
        return _Batch(batch, partial(self._set_aside, raw=raw))

    def _old(self, batch: Any) -> Any:
        """Batches of formats 0 and 1, which no broker since Kafka 3 writes: one message each, unless compressed."""
        offset = batch.base_offset
        if batch.compression_type:
            unreadable = Unreadable("unknown_codec", "compressed in a format before Kafka 0.11")
            return self._set_aside(offset, offset, unreadable, b"")
        if not batch.validate_crc():
            return self._set_aside(offset, offset, _wrong_checksum(), b"")
        self._position = offset + 1
        return batch

    def _set_aside(self, first: int, last: int, unreadable: Unreadable, raw: bytes) -> "_Nothing":
        self._position = last + 1
        topic, partition = self._partition
        self._found(SetAside(topic, partition, first, last, unreadable.reason, unreadable.detail, raw))
        return _Nothing(last + 1)


class _Nothing:
    """An empty batch. The library takes it for a transaction marker and continues after it."""

    magic = 2
    leader_epoch = -1
    is_control_batch = True

    def __init__(self, next_offset: int) -> None:
        self.next_offset = next_offset

    @staticmethod
    def has_producer_id() -> bool:
        """Yields no records."""
        return False


class _Batch:
    """A batch whose records are decoded one after the other; from a damaged one on, the rest is set aside."""

    def __init__(self, batch: Any, set_aside: Callable[[int, int, Unreadable], _Nothing]) -> None:
        self._batch = batch
        self._set_aside = set_aside

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        first, last = self._batch.base_offset, self._batch.last_offset
        try:
            for record in self._batch:
                if not first <= record.offset <= last:
                    self._set_aside(first, last, Unreadable("damaged", f"it holds the offset {record.offset}"))
                    return
                yield record
                first = record.offset + 1
        except CorruptRecordError as error:
            if first <= last:
                self._set_aside(first, last, Unreadable("damaged", str(error)))


def _prepare(batch: Any, raw: bytes, *, most: int) -> None:
    """Check a batch and decompress it in place, to at most so many bytes; raises Unreadable."""
    if not batch.validate_crc():
        raise _wrong_checksum()
    if batch.last_offset < batch.base_offset:
        raise Unreadable("damaged", f"its offsets end {batch.base_offset - batch.last_offset} before they begin")
    codec = batch.attributes & _CODEC
    if codec:
        batch._buffer = unpack(codec, raw[_HEADER_BYTES:], most=most)  # noqa: SLF001
        batch._pos = 0  # noqa: SLF001
    batch._decompressed = True  # noqa: SLF001


def _wrong_checksum() -> Unreadable:
    reason: SetAsideReason = "wrong_checksum"
    return Unreadable(reason, "its checksum does not match: it was changed on disk or in transit")
