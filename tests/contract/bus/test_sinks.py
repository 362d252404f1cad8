"""What a flush promises, of every message: on every bus, with both Kafka clients."""

import threading
from collections.abc import Callable
from random import Random

import pytest
from kafka import KafkaConsumer

from energytrack.bus import Bus, Source, limits
from energytrack.errors import DeliveryFailed
from energytrack.topics import DEAD_LETTERS, READINGS
from tests.contract.bus.traffic import take


def test_a_flush_means_acknowledged(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """When flush returns, everybody who reads finds all that was put, and a second flush finds nothing to do."""
    sink = bus.sink()
    for number in range(3000):
        sink.put(READINGS, f"cnc-{number % 300:04d}", b"x" * 200)
    sink.flush()
    sink.flush()
    assert len(take(joined(bus.source("g", [READINGS])), 3000)) == 3000
    sink.close()


def test_many_are_put_as_one_by_one(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Messages that are handed over together arrive once each, those of a device in their order."""
    sink = bus.sink()
    sent = [(f"cnc-{number % 20:04d}", b"%d" % number) for number in range(3000)]
    sink.put(READINGS, "cnc-0000", b"before")
    sink.put_all(READINGS, sent)
    sink.put(READINGS, "cnc-0000", b"after")
    sink.flush()
    taken = take(joined(bus.source("g", [READINGS])), 3002)
    values = {key: [record.value for record in taken if record.key == key.encode()] for key, _ in sent}
    expected: dict[str, list[bytes | None]] = {key: [value for name, value in sent if name == key] for key, _ in sent}
    expected["cnc-0000"] = [b"before", *expected["cnc-0000"], b"after"]
    assert values == expected
    sink.close()


def test_of_many_one_failure_is_reported(kafka_bus: Bus, joined: Callable[[Source], Source]) -> None:
    """One message that is too large fails alone: flush names it, and all others arrive."""
    sink = kafka_bus.sink()
    sink.put_all(READINGS, [("cnc-0001", b"x" * size) for size in (10, 3_000_000, 20)])
    with pytest.raises(DeliveryFailed, match="1 messages"):
        sink.flush()
    taken = take(joined(kafka_bus.source("g", [READINGS])), 2)
    assert [len(record.value or b"") for record in taken] == [10, 20]
    sink.close()


def test_headers_travel(kafka_bus: Bus, kafka_servers: str, topic_prefix: str) -> None:
    """Headers arrive with their message, in their order."""
    headers = (("reason", b"not_json"), ("offset", b"17"))
    sink = kafka_bus.sink()
    sink.put(DEAD_LETTERS, "cnc-0001", b"\xff", headers)
    sink.close()
    consumer = KafkaConsumer(topic_prefix + DEAD_LETTERS, bootstrap_servers=kafka_servers, auto_offset_reset="earliest")
    polled = consumer.poll(timeout_ms=10_000)
    consumer.close()
    assert [tuple(record.headers) for records in polled.values() for record in records] == [headers]


def test_an_oversized_message_is_an_error(kafka_bus: Bus) -> None:
    """Flush raises for a message that the client or the broker refuses, and the next flush is free of it."""
    sink = kafka_bus.sink()
    rng = Random(7)  # noqa: S311  # bytes that do not pack
    for size in (1_500_000, 3_000_000):  # the broker's limit; the client's own
        sink.put(READINGS, "cnc-0001", rng.randbytes(size))
        with pytest.raises(DeliveryFailed, match="1 messages"):
            sink.flush()
    sink.put(READINGS, "cnc-0001", b"x")
    sink.flush()
    sink.close()


def test_a_thread_hears_of_its_own_messages(kafka_bus: Bus) -> None:
    """A message that failed is raised in the thread that put it, not in its neighbour."""
    sink = kafka_bus.sink()
    sink.put(READINGS, "cnc-0001", b"x" * 3_000_000)
    warnings: list[str] = []

    def neighbour() -> None:
        sink.put(READINGS, "cnc-0002", b"x")
        sink.flush()
        warnings.append("nothing")

    thread = threading.Thread(target=neighbour)
    thread.start()
    thread.join()
    assert warnings == ["nothing"]
    with pytest.raises(DeliveryFailed):
        sink.flush()
    sink.close()


def test_puts_go_on_when_the_limit_is_reached(kafka_bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A put waits for acknowledgements instead of piling up messages."""
    monkeypatch.setattr(limits, "MAX_UNDER_WAY", 100)
    sink = kafka_bus.sink()
    for number in range(2000):
        sink.put(READINGS, f"cnc-{number % 300:04d}", b"x" * 200)
    sink.flush()
    sink.close()
