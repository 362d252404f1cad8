"""How much of a fetch is decompressed at once. What of it cannot be decoded is tried on a real broker (contract)."""

from types import SimpleNamespace
from typing import Any, Final

import pytest
from kafka import TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.record.memory_records import MemoryRecords, MemoryRecordsBuilder

from energytrack.bus import SetAside, limits
from energytrack.bus.kafka.batches import read_carefully

GZIP: Final = 1
VALUE: Final = b"0" * 1_000_000
WHERE: Final = TopicPartition("readings", 0)


def fetched(offsets: range, value: bytes = VALUE) -> MemoryRecords:
    """Batches as one fetch brings them: each a message of a megabyte or more, packed to a kilobyte or more."""
    batches = bytearray()
    for offset in offsets:
        builder = MemoryRecordsBuilder(magic=2, compression_type=GZIP, batch_size=2 * len(value), offset=offset)
        builder.append(timestamp=0, key=b"cnc-0001", value=value)
        builder.close()
        batches += builder.buffer()
    return MemoryRecords(bytes(batches))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "count"), [(1, 100), (20, 4)])
def test_many_small_bombs_are_not_unpacked_at_once(size: int, count: int) -> None:
    """Each is within the limit of a batch; together they would fill any memory, again after each restart."""
    consumer: Any = SimpleNamespace(_fetcher=SimpleNamespace(PartitionRecords=Fetcher.PartitionRecords))
    aside = list[SetAside]()
    allowance = read_carefully(consumer, aside.append)
    at, rounds = 0, list[int]()
    while at < count:
        allowance.renew()
        part = consumer._fetcher.PartitionRecords(at, WHERE, fetched(range(at, count), size * VALUE))
        taken = part.take(5000)
        assert [record.offset for record in taken] == list(range(at, at + len(taken)))
        assert 0 < sum(len(record.value) for record in taken) <= limits.MAX_UNPACKED_BYTES
        rounds.append(len(taken))
        at = part.next_fetch_offset
    assert sum(rounds) == count
    assert not aside
