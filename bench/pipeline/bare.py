"""Bare loops: the cost of a message in a client library alone, without our code.

Each is a separate process, `python -m bench.pipeline.bare LOOP SERVERS COUNT PREFIX [URI]`, that prints the seconds of
processor time that it used, without start-up.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final

from energytrack.topics import DEAD_LETTERS, READINGS

BATCH: Final = 5000


def _consumed(servers: str, count: int, prefix: str) -> Iterator[list[Any]]:
    from kafka import KafkaConsumer  # noqa: PLC0415  # each process loads the library of its own loop only

    consumer = KafkaConsumer(
        prefix + READINGS, bootstrap_servers=servers, group_id=prefix + "bare", auto_offset_reset="earliest",
        enable_auto_commit=False,
    )  # fmt: skip
    seen = 0
    while seen < count:
        records = [record for part in consumer.poll(500, max_records=BATCH).values() for record in part]
        seen += len(records)
        if records:
            yield records
            consumer.commit()
    consumer.close()


def take(servers: str, count: int, prefix: str) -> None:
    for _ in _consumed(servers, count, prefix):
        pass


def take_send(servers: str, count: int, prefix: str) -> None:
    """Poll, send every value unchanged, flush, commit."""
    from kafka import KafkaProducer  # noqa: PLC0415

    producer = KafkaProducer(bootstrap_servers=servers, linger_ms=20, batch_size=131072)
    for records in _consumed(servers, count, prefix):
        for record in records:
            producer.send(prefix + DEAD_LETTERS, key=record.key, value=record.value)
        producer.flush()
    producer.close()


def take_insert(servers: str, count: int, prefix: str, uri: str) -> None:
    """Poll, insert every value undecoded except for its time, commit."""
    import pymongo  # noqa: PLC0415

    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(uri)
    bare = client[prefix + "bare"].create_collection(
        "bare", timeseries={"timeField": "timestamp", "metaField": "device"}
    )
    now = datetime.now(UTC)
    for records in _consumed(servers, count, prefix):
        bare.insert_many(
            [
                {"timestamp": now, "device": {"id": record.key}, "temperature": 68.2, "pressure": 5.3, "current": 12.4}
                for record in records
            ],
            ordered=False,
        )
    client.close()


def send(servers: str, count: int, prefix: str) -> None:
    """Send the same value again and again."""
    from kafka import KafkaProducer  # noqa: PLC0415

    producer = KafkaProducer(bootstrap_servers=servers, linger_ms=20, batch_size=131072)
    value = b"x" * 220
    for i in range(count):
        producer.send(prefix + DEAD_LETTERS, key=b"cnc-%04d" % (i % 300), value=value)
    producer.flush()
    producer.close()


def confluent_take_send(servers: str, count: int, prefix: str) -> None:
    """Poll, send on, flush, commit, through librdkafka."""
    from confluent_kafka import Consumer, Producer  # noqa: PLC0415

    consumer = Consumer({
        "bootstrap.servers": servers, "group.id": prefix + "bare", "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    })  # fmt: skip
    consumer.subscribe([prefix + READINGS])
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 20, "queue.buffering.max.messages": 2 * BATCH})
    seen = 0
    while seen < count:
        records = consumer.consume(BATCH, 0.5)
        for record in records:
            producer.produce(prefix + DEAD_LETTERS, key=record.key(), value=record.value())
        producer.flush()
        if records:
            seen += len(records)
            consumer.commit(asynchronous=False)
    consumer.close()


def quixstreams_echo(servers: str, count: int, prefix: str) -> None:
    """The framework's way: read JSON, apply a function, write JSON."""
    import logging  # noqa: PLC0415

    from quixstreams import Application  # noqa: PLC0415

    logging.disable()
    app = Application(
        broker_address=servers, consumer_group=prefix + "quix", auto_offset_reset="earliest", auto_create_topics=False,
        loglevel=None,
    )  # fmt: skip
    readings = app.topic(prefix + READINGS, value_deserializer="json", key_deserializer="bytes")
    onward = app.topic(prefix + DEAD_LETTERS, value_serializer="json", key_serializer="bytes")
    frame = app.dataframe(readings).apply(lambda reading: {**reading, "scored": True}).to_topic(onward)
    app.run(frame, count=count, timeout=60)


LOOPS: Final[dict[str, tuple[Callable[..., None], tuple[str, ...]]]] = {
    "take": (take, ("kafka",)),
    "take_send": (take_send, ("kafka",)),
    "take_insert": (take_insert, ("kafka", "pymongo")),
    "send": (send, ("kafka",)),
    "confluent_take_send": (confluent_take_send, ("confluent_kafka",)),
    "quixstreams_echo": (quixstreams_echo, ("quixstreams",)),
}
"""Each loop, and the libraries that are loaded before its clock starts."""


def main() -> None:
    name, servers, count, prefix, *rest = sys.argv[1:]
    loop, libraries = LOOPS[name]
    for library in libraries:
        import_module(library)
    began = time.process_time()
    loop(servers, int(count), prefix, *rest)
    sys.stdout.write(json.dumps({"cpu_seconds": time.process_time() - began}) + "\n")


if __name__ == "__main__":
    main()
