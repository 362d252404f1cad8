"""Reads part of a partition carefully, for a client that cannot.

librdkafka stops at a batch that it cannot decode, and decompresses any batch without a limit on its size.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from energytrack.bus import Record, SetAside
from energytrack.bus.kafka.batches import Allowance, read_carefully
from energytrack.errors import BusUnavailable


class SinglePartitionReader:
    """One partition at a time, with kafka-python; topics have their names on the broker."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._consumer: Any = None
        self._allowance = Allowance()
        self._found: list[SetAside] = []
        self._at: tuple[TopicPartition, int] | None = None

    def read(self, topic: str, partition: int, offset: int, *, limit: int, wait: float) -> tuple[Sequence[Record], int]:
        """At most `limit` records from an offset on, possibly none, and the offset to continue at.

        Raises BusUnavailable while no broker answers.
        """
        if self._consumer is None:
            self._consumer = self._connect()
            self._allowance = read_carefully(self._consumer, self._found.append)
        where = TopicPartition(topic, partition)
        self._allowance.renew()
        try:
            if self._at != (where, offset):  # otherwise the library has already buffered more of it
                self._consumer.assign([where])
                self._consumer.seek(where, offset)
            polled = self._consumer.poll(timeout_ms=wait * 1000, max_records=limit)
            behind = max(offset, self._consumer.position(where) or 0)
        except KafkaError as error:
            self.close()
            raise BusUnavailable("", str(error) or type(error).__name__) from error
        self._at = where, behind
        records = [
            Record(topic, partition, record.offset, record.key, record.value) for record in polled.get(where, ())
        ]
        return records, behind

    def set_aside(self) -> Sequence[SetAside]:
        """What was skipped since the last call."""
        batches = list(self._found)
        self._found.clear()
        return batches

    def close(self) -> None:
        """Close the connection; the next read opens another."""
        consumer, self._consumer, self._at = self._consumer, None, None
        if consumer is not None:
            with suppress(KafkaError):
                consumer.close(autocommit=False)
