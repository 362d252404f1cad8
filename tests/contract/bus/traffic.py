"""What the tests of a bus put on it and take from it."""

import threading
import time
from collections.abc import Sequence

from energytrack.bus import Bus, Record, Sink, Source
from energytrack.settings import KafkaSettings
from energytrack.topics import DEAD_LETTERS, EVENTS, READINGS, Topic
from testkit.patience import seconds_here
from testkit.stack.servers import eventually

PARTITIONS = 6
TOPICS = (Topic(READINGS, 1), Topic(EVENTS, 1), Topic(DEAD_LETTERS, 1, max_bytes=2_000_000))
KAFKA_CLIENTS = ("kafka-python", "confluent")
DEVICES = [f"cnc-{number:04d}" for number in range(40)]


def settings_for(client: str, servers: str, prefix: str) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {"servers": servers, "client": client, "topic_prefix": prefix, "partitions": PARTITIONS}
    )


def put(bus: Bus, keys: Sequence[str], *, topic: str = READINGS, rounds: int = 1) -> None:
    sink = bus.sink()
    for number in range(rounds):
        for key in keys:
            sink.put(topic, key, f"{key}:{number}".encode())
    sink.flush()
    sink.close()


def put_one(sink: Sink) -> None:
    sink.put(READINGS, "cnc-0001", b"x")
    sink.flush()


def take(source: Source, count: int, *, limit: int = 1000, deadline: float = 30.0) -> list[Record]:
    """At least `count` records."""
    taken: list[Record] = []
    begun = time.monotonic()
    while len(taken) < count:
        assert time.monotonic() - begun < seconds_here(deadline), f"{len(taken)} of {count} records within {deadline} s"
        taken.extend(source.take(limit, 0.2))
    return taken


def nothing_more(source: Source) -> bool:
    return not source.take(1000, 1.0)


def shared_out(members: Sequence[Source], *, each: int, deadline: float = 30.0) -> None:
    """Return when every member has its share of partitions; each takes in a thread of its own, as services do."""
    settled = threading.Event()
    threads = [threading.Thread(target=_take_until, args=(member, settled)) for member in members]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: _all_have(members, each), deadline)
    finally:
        settled.set()
        for thread in threads:
            thread.join()


def _all_have(members: Sequence[Source], each: int) -> bool:
    """Or else raise, to tell how many each has."""
    numbers = [len(member.partitions()) for member in members]
    assert numbers == [each] * len(members), numbers
    return True


def _take_until(member: Source, settled: threading.Event) -> None:
    while not settled.is_set():
        assert not member.take(1000, 0.2)
