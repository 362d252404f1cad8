"""What every bus promises, held against the memory bus and against both Kafka clients on a real broker."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest
from kafka import KafkaConsumer
from prometheus_client import CollectorRegistry

from energytrack.bus import Bus, Record, Sink, Source, limits
from energytrack.bus.memory import MemoryBus
from energytrack.bus.open import open_bus
from energytrack.clock import ManualClock
from energytrack.consume import consume_once
from energytrack.decoding.decoder import ReadingDecoder
from energytrack.errors import BusUnavailable, DeliveryFailed
from energytrack.messages import encode
from energytrack.settings import KafkaSettings
from energytrack.telemetry import Stage
from energytrack.topics import DEAD_LETTERS, EVENTS, PARSERS, READINGS, Topic
from testkit.builders.messages import NOW, a_reading
from testkit.patience import seconds_here

PARTITIONS = 6
TOPICS = (Topic(READINGS, 1), Topic(EVENTS, 1), Topic(DEAD_LETTERS, 1, max_bytes=2_000_000))
KAFKA_CLIENTS = ("kafka-python", "confluent")

Opened = Callable[[], Bus]


def settings_for(client: str, servers: str, prefix: str) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {"servers": servers, "client": client, "topic_prefix": prefix, "partitions": PARTITIONS}
    )


@pytest.fixture(params=("memory", *KAFKA_CLIENTS))
def bus(request: pytest.FixtureRequest, topic_prefix: str) -> Bus:
    if request.param == "memory":
        return MemoryBus(partitions=PARTITIONS)
    servers: str = request.getfixturevalue("kafka_servers")
    bus = open_bus(settings_for(request.param, servers, topic_prefix), "contract")
    bus.create_topics(TOPICS)
    return bus


@pytest.fixture(params=KAFKA_CLIENTS)
def kafka_bus(request: pytest.FixtureRequest, topic_prefix: str, kafka_servers: str) -> Bus:
    bus = open_bus(settings_for(request.param, kafka_servers, topic_prefix), "contract")
    bus.create_topics(TOPICS)
    return bus


@pytest.fixture
def joined() -> Iterator[Callable[[Source], Source]]:
    """Sources that are closed after the test, whatever became of it."""
    sources: list[Source] = []

    def remember(source: Source) -> Source:
        sources.append(source)
        return source

    yield remember
    for source in sources:
        source.close()


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
    end = time.monotonic() + deadline
    while len(taken) < count:
        assert time.monotonic() < end, f"{len(taken)} of {count} records within {deadline} s"
        taken.extend(source.take(limit, 0.2))
    return taken


def nothing_more(source: Source) -> bool:
    return not source.take(1000, 1.0)


DEVICES = [f"cnc-{number:04d}" for number in range(40)]


def test_a_key_keeps_its_order(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """All messages of one key lie on one partition, in the order in which they were put."""
    put(bus, DEVICES, rounds=25)
    by_key: dict[bytes, list[Record]] = defaultdict(list)
    for record in take(joined(bus.source("g", [READINGS])), 1000):
        by_key[record.key or b""].append(record)
    assert len(by_key) == len(DEVICES)
    for key, records in by_key.items():
        assert {record.partition for record in records} == {records[0].partition}
        assert [record.value for record in records] == [key + b":%d" % number for number in range(25)]


def test_offsets_rise_by_one(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Within a partition, records carry the offsets 0, 1, 2 and so on."""
    put(bus, DEVICES)
    by_partition: dict[int, list[int]] = defaultdict(list)
    for record in take(joined(bus.source("g", [READINGS])), len(DEVICES)):
        by_partition[record.partition].append(record.offset)
    assert all(offsets == list(range(len(offsets))) for offsets in by_partition.values())


def test_a_key_has_one_partition_number_on_every_topic(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A device's readings and events lie on partitions of the same number."""
    put(bus, DEVICES, topic=READINGS)
    put(bus, DEVICES, topic=EVENTS)
    numbers: dict[bytes, set[int]] = defaultdict(set)
    for record in take(joined(bus.source("g", [READINGS, EVENTS])), 2 * len(DEVICES)):
        numbers[record.key or b""].add(record.partition)
    assert all(len(found) == 1 for found in numbers.values())


def test_both_clients_choose_the_same_partition(
    kafka_servers: str, topic_prefix: str, joined: Callable[[Source], Source]
) -> None:
    """A key's partition does not depend on the client library."""
    buses = [open_bus(settings_for(client, kafka_servers, topic_prefix), "contract") for client in KAFKA_CLIENTS]
    buses[0].create_topics(TOPICS)
    keys = [*DEVICES, "a", "presse-ä", "x" * 64]
    for bus in buses:
        put(bus, keys)
    numbers: dict[bytes, set[int]] = defaultdict(set)
    for record in take(joined(buses[0].source("g", [READINGS])), 2 * len(keys)):
        numbers[record.key or b""].add(record.partition)
    assert all(len(found) == 1 for found in numbers.values())


def test_what_was_not_committed_is_taken_again(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A member that closes without a commit leaves its records to the next."""
    put(bus, DEVICES)
    first = bus.source("g", [READINGS])
    taken = take(first, len(DEVICES))
    first.close()
    again = take(joined(bus.source("g", [READINGS])), len(DEVICES))
    assert sorted(taken) == sorted(again)


def test_what_was_committed_is_done_with(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """After a commit and a close, the next member goes on where the last one stopped."""
    put(bus, DEVICES)
    first = bus.source("g", [READINGS])
    take(first, len(DEVICES))
    first.commit()
    first.close()
    put(bus, ["late"])
    second = joined(bus.source("g", [READINGS]))
    assert [record.key for record in take(second, 1)] == [b"late"]
    assert nothing_more(second)


def test_a_commit_covers_what_was_taken_and_no_more(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Records beyond the committed takes are taken again, and only those."""
    put(bus, DEVICES)
    first = bus.source("g", [READINGS])
    done = take(first, 10, limit=10)
    first.commit()
    take(first, 1, limit=5)
    first.close()
    rest = take(joined(bus.source("g", [READINGS])), len(DEVICES) - len(done))
    assert len(rest) == len(DEVICES) - len(done)
    assert not {record.key for record in rest} & {record.key for record in done}


def test_groups_do_not_disturb_each_other(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Each group takes every record."""
    put(bus, DEVICES)
    for group in ("historian", "exporters"):
        source = joined(bus.source(group, [READINGS]))
        assert len(take(source, len(DEVICES))) == len(DEVICES)
        source.commit()


def test_a_take_is_limited(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A take brings `limit` records at most, and the rest comes with the next ones."""
    put(bus, DEVICES)
    source = joined(bus.source("g", [READINGS]))
    sizes: list[int] = []
    while sum(sizes) < len(DEVICES):
        sizes.append(len(source.take(7, 0.5)))
    assert max(sizes) <= 7
    assert sum(sizes) == len(DEVICES)


def test_members_share_partitions_by_number(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Two members have half of the partitions each, and the same numbers of all topics."""
    members = [joined(bus.source("g", [READINGS, EVENTS])) for _ in range(2)]
    shared_out(members, each=PARTITIONS)
    for member in members:
        numbers = {topic: {n for name, n in member.partitions() if name == topic} for topic in (READINGS, EVENTS)}
        assert len(numbers[READINGS]) == PARTITIONS // 2
        assert numbers[READINGS] == numbers[EVENTS]


def shared_out(members: Sequence[Source], *, each: int, deadline: float = 30.0) -> None:
    """Return when every member has its share of partitions; each takes in a thread of its own, as services do."""
    settled = threading.Event()
    threads = [threading.Thread(target=take_until, args=(member, settled)) for member in members]
    for thread in threads:
        thread.start()
    end = time.monotonic() + deadline
    try:
        while not all(len(member.partitions()) == each for member in members):
            assert time.monotonic() < end, [len(member.partitions()) for member in members]
            time.sleep(0.02)
    finally:
        settled.set()
        for thread in threads:
            thread.join()


def take_until(member: Source, settled: threading.Event) -> None:
    while not settled.is_set():
        assert not member.take(1000, 0.2)


def test_a_member_that_leaves_hands_over_without_loss(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """What a member took and did not commit before it left is taken by the one that remains."""
    leaver, stayer = bus.source("g", [READINGS]), joined(bus.source("g", [READINGS]))
    shared_out([leaver, stayer], each=PARTITIONS // 2)
    put(bus, DEVICES, rounds=5)
    assert take(leaver, 1)
    leaver.close()
    seen: set[bytes | None] = set()
    end = time.monotonic() + 30
    while len(seen) < 5 * len(DEVICES):
        assert time.monotonic() < end, f"{len(seen)} of {5 * len(DEVICES)}"
        seen |= {record.value for record in stayer.take(1000, 0.2)}
        stayer.commit()


def test_a_commit_overtaken_by_a_rebalance_is_no_error(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A member whose commit comes after others took over its partitions goes on, and nothing is lost."""
    first = joined(bus.source("g", [READINGS]))
    shared_out([first], each=PARTITIONS)
    put(bus, DEVICES)
    seen = {record.key for record in take(first, len(DEVICES))}
    second = joined(bus.source("g", [READINGS]))
    joining = threading.Thread(target=lambda: second.take(1, 3.0))
    joining.start()
    for _ in range(5):
        first.commit()
        seen |= {record.key for record in first.take(1000, 0.2)}
    joining.join()
    assert seen == {device.encode() for device in DEVICES}


def test_latest_starts_at_the_end(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """A new group that starts at the latest takes only what is put after it joined."""
    put(bus, ["early"])
    source = joined(bus.source("g", [READINGS], start="latest"))
    shared_out([source], each=PARTITIONS)
    assert nothing_more(source)
    put(bus, ["late"])
    assert [record.key for record in take(source, 1)] == [b"late"]


def test_a_flush_means_acknowledged(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """When flush returns, everybody who reads finds all that was put, and a second flush finds nothing to do."""
    sink = bus.sink()
    for number in range(3000):
        sink.put(READINGS, f"cnc-{number % 300:04d}", b"x" * 200)
    sink.flush()
    sink.flush()
    assert len(take(joined(bus.source("g", [READINGS])), 3000)) == 3000
    sink.close()


def test_create_topics_leaves_existing_ones_alone(bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Creating topics again changes nothing."""
    put(bus, DEVICES)
    bus.create_topics(TOPICS)
    assert len(take(joined(bus.source("g", [READINGS])), len(DEVICES))) == len(DEVICES)


def test_ping_answers(bus: Bus) -> None:
    """A ping returns where there is a broker."""
    bus.ping()


def test_a_take_waits_as_long_as_it_was_told(kafka_bus: Bus, joined: Callable[[Source], Source]) -> None:
    """Without records a take returns after `wait`; with one it returns at once."""
    source = joined(kafka_bus.source("g", [READINGS], linger=0.0))
    shared_out([source], each=PARTITIONS)
    begin = time.monotonic()
    assert not source.take(10, 0.5)
    assert 0.4 <= time.monotonic() - begin < seconds_here(1.5)
    late = threading.Timer(0.3, put, (kafka_bus, ["cnc-0001"]))
    late.start()
    begin = time.monotonic()
    while not (records := source.take(10, 10.0)):
        pass
    assert time.monotonic() - begin < seconds_here(5.0)
    assert [record.key for record in records] == [b"cnc-0001"]
    late.join()


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


def test_dead_letters_take_more_than_other_topics(kafka_bus: Bus) -> None:
    """The largest message that a topic accepts still fits on the dead-letter topic, headers and all."""
    sink = kafka_bus.sink()
    sink.put(DEAD_LETTERS, "cnc-0001", b"x" * 1_048_000, (("reason", b"too_large"), ("detail", b"x" * 1000)))
    sink.flush()
    sink.close()


def test_a_message_that_several_stages_refuse_is_one_dead_letter(
    kafka_bus: Bus, joined: Callable[[Source], Source]
) -> None:
    """Each of them counts it; the one that owns the topic files it, also where only a value is wrong."""
    bad, odd = b"no reading", encode(a_reading("cnc-0002")).replace(b"61.5", b'"hot"')
    sink = kafka_bus.sink()
    sink.put(READINGS, "cnc-0001", bad)
    sink.put(READINGS, "cnc-0002", odd)
    sink.flush()
    for name in ("ml_consumer", "historian", "exporters"):
        registry = CollectorRegistry()
        stage = Stage(name, registry, takes=[READINGS], puts=[])
        source = joined(kafka_bus.source(name, [READINGS]))
        parsers = {**PARSERS, READINGS: ReadingDecoder().decode}
        taken = 0
        while taken < 2:
            taken += consume_once(
                source, sink, lambda _: None, stage=stage, clock=ManualClock(NOW), wait=5.0, parsers=parsers
            )
        labels = {"stage": name, "reason": "not_json"}
        assert registry.get_sample_value("energytrack_pipeline_rejected_total", labels) == 1
    source = joined(kafka_bus.source("people", [DEAD_LETTERS]))
    letters: list[Record] = []
    while more := source.take(10, 5.0 if len(letters) < 2 else 1.0):
        letters += more
    assert sorted(record.value or b"" for record in letters) == sorted([bad, odd])
    sink.close()


def test_a_thread_hears_of_its_own_messages(kafka_bus: Bus) -> None:
    """A message that failed is raised in the thread that put it, not in its neighbour."""
    sink = kafka_bus.sink()
    sink.put(READINGS, "cnc-0001", b"x" * 3_000_000)
    heard: list[str] = []

    def neighbour() -> None:
        sink.put(READINGS, "cnc-0002", b"x")
        sink.flush()
        heard.append("nothing")

    thread = threading.Thread(target=neighbour)
    thread.start()
    thread.join()
    assert heard == ["nothing"]
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


@pytest.mark.parametrize("client", KAFKA_CLIENTS)
def test_a_topic_that_is_created_late_is_noticed(
    client: str,
    kafka_servers: str,
    topic_prefix: str,
    joined: Callable[[Source], Source],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A member that joined before its topic was there gets its partitions, however short its takes are."""
    monkeypatch.setattr(limits, "METADATA_SECONDS", 1)
    bus = open_bus(settings_for(client, kafka_servers, topic_prefix), "contract")
    member = joined(bus.source("g", [READINGS]))
    for _ in range(10):
        member.take(10, 0.1)
    bus.create_topics(TOPICS)
    end = time.monotonic() + 40.0
    while len(member.partitions()) < PARTITIONS:
        assert time.monotonic() < end, member.partitions()
        member.take(10, 0.002)


@pytest.mark.parametrize("client", KAFKA_CLIENTS)
def test_ping_gives_up(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a broker a ping raises after a few seconds, and names the address."""
    monkeypatch.setattr(limits, "PING_SECONDS", 1)
    with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1:1: connection refused"):
        open_bus(settings_for(client, "127.0.0.1:1", ""), "contract").ping()


@pytest.mark.parametrize("client", KAFKA_CLIENTS)
def test_without_a_broker_a_take_is_empty(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start order needs nobody: a member without a broker takes nothing, soon, commits nothing, and closes."""
    monkeypatch.setattr(limits, "CONNECT_SECONDS", 0.5)
    source = open_bus(settings_for(client, "127.0.0.1:1", ""), "contract").source("g", [READINGS])
    begin = time.monotonic()
    assert not source.take(10, 0.5)
    source.commit()
    assert source.partitions() == frozenset()
    source.close()
    assert time.monotonic() - begin < seconds_here(3.0)


@pytest.mark.parametrize("client", KAFKA_CLIENTS)
def test_a_sink_without_patience_gives_up(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a person waits, a put or its flush fails within the given seconds."""
    monkeypatch.setattr(limits, "CONNECT_SECONDS", 0.5)
    sink = open_bus(settings_for(client, "127.0.0.1:1", ""), "contract").sink(patience=2.0)
    begin = time.monotonic()
    with pytest.raises((BusUnavailable, DeliveryFailed)):
        put_one(sink)
    assert time.monotonic() - begin < seconds_here(8.0)
