"""Batches as somebody else's producer packs them, without our own limits."""

from confluent_kafka import Producer

from testkit.patience import seconds_here


def put_packed(servers: str, topic: str, *values: bytes, codec: str = "none", key: bytes = b"cnc-0001") -> None:
    """Put values into partition 0 as one batch, packed with a codec; a hundred times what the broker takes unpacked."""
    producer = Producer(
        {"bootstrap.servers": servers, "compression.type": codec, "linger.ms": 200, "acks": "all",
         "message.max.bytes": 2_000_000 if codec == "none" else 1_000_000_000, "batch.size": 200_000_000}
    )  # fmt: skip
    # A producer that has yet to find the topic may send what it has by then as a batch of its own.
    producer.list_topics(topic, timeout=seconds_here(30))
    for value in values:
        producer.produce(topic, value, key, partition=0)
    assert producer.flush(seconds_here(60)) == 0
