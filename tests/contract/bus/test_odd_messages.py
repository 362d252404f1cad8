"""Messages that no machine sends, but anybody with a gateway's password may: every client goes on behind them."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import Producer
from kafka import KafkaProducer
from kafka.errors import InvalidTimestampError
from prometheus_client import CollectorRegistry

from energytrack.bus import Bus
from energytrack.bus.open import open_bus
from energytrack.clock import ManualClock
from energytrack.consume import consume_once
from energytrack.messages import encode
from energytrack.settings import KafkaSettings
from energytrack.telemetry import Stage
from energytrack.topics import DEAD_LETTERS, READINGS, TOPICS
from testkit.builders.messages import NOW, a_reading
from testkit.stack.servers import eventually

YEAR_1, YEAR_9999 = -62_135_596_800_000, 253_402_300_799_000
GOOD = encode(a_reading())


@pytest.fixture(params=["kafka-python", "confluent"])
def bus(request: pytest.FixtureRequest, topic_prefix: str, kafka_servers: str) -> Bus:
    settings = {"servers": kafka_servers, "client": request.param, "topic_prefix": topic_prefix, "partitions": 1}
    bus = open_bus(KafkaSettings.model_validate(settings), "contract")
    bus.create_topics(TOPICS)
    return bus


@pytest.fixture
def producer(kafka_servers: str) -> Iterator[KafkaProducer]:
    opened = KafkaProducer(bootstrap_servers=kafka_servers, max_request_size=2_000_000, acks="all")
    yield opened
    opened.close()


def test_odd_messages_stop_nobody(bus: Bus, producer: KafkaProducer, topic_prefix: str, kafka_servers: str) -> None:
    """Thousands of headers, keys of a megabyte, no key, no value, a time of year 1: each reading counts.

    A time of year 9999 is refused by the broker."""
    topic = topic_prefix + READINGS
    headers = [(f"h{number}", b"x" * 20) for number in range(5_000)]
    odd: list[dict[str, object]] = [
        {"value": GOOD, "headers": headers},
        {"value": GOOD, "headers": [("", b""), ("same", b""), ("same", b"\xff")]},
        {"value": GOOD, "key": b"k" * 900_000},
        {"value": b"no json", "key": b"\xff" * 900_000},
        {"value": GOOD, "key": None},
        {"value": GOOD, "key": b""},
        {"value": None, "key": b"cnc-0007"},
        {"value": GOOD, "timestamp_ms": YEAR_1},
        {"value": GOOD, "timestamp_ms": 0},
    ]
    for each in odd:
        producer.send(topic, **each).get(30)
    with pytest.raises(InvalidTimestampError), closing(KafkaProducer(bootstrap_servers=kafka_servers)) as strange:
        strange.send(topic, value=GOOD, timestamp_ms=YEAR_9999).get(30)
    empty = Producer({"bootstrap.servers": kafka_servers})
    empty.produce(topic, None, None, partition=0)
    assert empty.flush(30) == 0
    producer.send(topic, value=GOOD, key=b"cnc-0007").get(30)
    source, sink, clock = bus.source("g", [READINGS]), bus.sink(), ManualClock(NOW)
    stage = Stage("historian", CollectorRegistry(), takes=[READINGS], puts=[DEAD_LETTERS])
    seen: list[bytes | None] = []

    def last_one_arrived() -> bool:
        consume_once(
            source, sink, lambda batch: seen.extend(taken.record.key for taken in batch), stage=stage, clock=clock
        )
        return bool(seen) and seen[-1] == b"cnc-0007"

    eventually(last_one_arrived, 60)
    assert len(seen) == 8
    source.close()
    sink.close()
