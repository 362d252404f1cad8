"""Packed batches, and batches that cannot be read: what every Kafka client makes of them, on a real broker."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from energytrack.bus import Bus, Record, SetAside, Source, limits
from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS, Topic
from local.site import Site
from testkit.clients.packed import put_packed
from testkit.patience import seconds_here
from testkit.stack.segments import ATTRIBUTES_AT, Change, as_codec, as_flipped, as_rubbish, batches, segment, spoil

CLIENTS = ("kafka-python", "confluent")
CODECS = ("gzip", "snappy", "lz4", "zstd")


@pytest.fixture(params=CLIENTS)
def bus(request: pytest.FixtureRequest, topic_prefix: str, kafka_servers: str) -> Bus:
    settings = {"servers": kafka_servers, "client": request.param, "topic_prefix": topic_prefix, "partitions": 1}
    bus = open_bus(KafkaSettings.model_validate(settings), "contract")
    bus.create_topics([Topic(READINGS, 1)])
    return bus


@pytest.fixture
def source(bus: Bus) -> Iterator[Source]:
    source = bus.source("g", [READINGS])
    yield source
    source.close()


@pytest.fixture
def put(kafka_servers: str, topic_prefix: str) -> Callable[..., None]:
    """Puts values as one batch, packed as somebody else's producer would."""

    def put(*values: bytes, codec: str = "none") -> None:
        put_packed(kafka_servers, topic_prefix + READINGS, *values, codec=codec)

    return put


def take(source: Source, count: int, *, deadline: float = 40.0) -> tuple[list[Record], list[SetAside]]:
    """At least `count` records, and what was set aside on the way."""
    records: list[Record] = []
    aside: list[SetAside] = []
    begun = time.monotonic()
    while len(records) < count:
        late = f"{len(records)} of {count} records within {deadline} s, set aside: {aside}"
        assert time.monotonic() - begun < seconds_here(deadline), late
        records += source.take(1000, 0.2)
        aside += source.set_aside()
    return records, aside


def values(records: Sequence[Record]) -> list[bytes | None]:
    return [record.value for record in records]


@pytest.mark.parametrize(("options", "codec"), [({}, 4), ({"compression": "none"}, 0)])
@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_sent_is_packed(
    client: str, options: dict[str, str], codec: int, topic_prefix: str, kafka_servers: str, kafka_site: Site
) -> None:
    """With zstd, unless the settings say otherwise: that is how it lies on the broker's disk."""
    settings = {"servers": kafka_servers, "client": client, "topic_prefix": topic_prefix, "partitions": 1, **options}
    bus = open_bus(KafkaSettings.model_validate(settings), "contract")
    bus.create_topics([Topic(READINGS, 1)])
    sink = bus.sink()
    for number in range(50):
        sink.put(READINGS, "cnc-0001", f"{number}:{'x' * 500}".encode())
    sink.flush()
    sink.close()
    log = segment(kafka_site, topic_prefix + READINGS, 0).read_bytes()
    assert {batch[ATTRIBUTES_AT + 1] & 0x07 for _, batch in batches(log)} == {codec}
    assert (len(log) > 25_000) == (codec == 0)


def test_every_codec_is_read(source: Source, put: Callable[..., None]) -> None:
    """Whatever a producer packs its messages with, they arrive, in their order."""
    expected = []
    for codec in CODECS:
        packed = [f"{codec}:{number}:{'x' * 500}".encode() for number in range(50)]
        put(*packed, codec=codec)
        expected += packed
    records, aside = take(source, len(expected))
    assert values(records) == expected
    assert not aside


@pytest.mark.parametrize(
    ("change", "fits", "packed", "reason"),
    [
        (as_codec(5), True, "zstd", "unknown_codec"),
        (as_codec(7), True, "none", "unknown_codec"),
        (as_codec(1), True, "none", "damaged"),
        (as_codec(2), True, "lz4", "damaged"),
        (as_rubbish, True, "gzip", "damaged"),
        (as_rubbish, True, "snappy", "damaged"),
        (as_rubbish, True, "lz4", "damaged"),
        (as_rubbish, True, "zstd", "damaged"),
        (as_flipped, False, "none", "wrong_checksum"),
        (as_flipped, False, "zstd", "wrong_checksum"),
    ],
)
def test_a_batch_that_cannot_be_read_is_set_aside(
    source: Source,
    put: Callable[..., None],
    kafka_site: Site,
    topic_prefix: str,
    change: Change,
    fits: bool,
    packed: str,
    reason: str,
) -> None:
    """Those before and behind it arrive; it is named with its topic, partition, offsets and what is wrong with it."""
    if "Confluent" in type(source).__name__ and not fits:
        pytest.skip("librdkafka may abort over these; see test_a_member_that_dies_over_a_checksum_dies_once")
    put(b"before-0", b"before-1")
    put(b"spoilt-2", b"spoilt-3", b"spoilt-4", codec=packed)
    put(b"behind-5", b"behind-6", codec="lz4")
    assert spoil(kafka_site, topic_prefix + READINGS, 0, 3, change, fits=fits) == (2, 4)
    records, aside = take(source, 4)
    assert values(records) == [b"before-0", b"before-1", b"behind-5", b"behind-6"]
    assert {(batch.topic, batch.partition, batch.first, batch.last) for batch in aside} == {(READINGS, 0, 2, 4)}
    assert {batch.reason for batch in aside} == {reason}


def test_the_last_batch_may_be_the_one_that_cannot_be_read(
    bus: Bus, source: Source, put: Callable[..., None], kafka_site: Site, topic_prefix: str
) -> None:
    """It is set aside at once, a commit covers it, and what comes later arrives."""
    put(b"before-0")
    put(b"spoilt-1", b"spoilt-2", codec="zstd")
    spoil(kafka_site, topic_prefix + READINGS, 0, 1, as_rubbish)
    records, aside = take(source, 1)
    begun = time.monotonic()
    while not aside:
        assert time.monotonic() - begun < seconds_here(20)
        records += source.take(10, 0.2)
        aside += source.set_aside()
    assert values(records) == [b"before-0"]
    source.commit()
    source.close()
    put(b"later-3")
    successor = bus.source("g", [READINGS])
    records, aside = take(successor, 1)
    successor.close()
    assert values(records) == [b"later-3"]
    assert not aside


@pytest.mark.parametrize(("codec", "size"), [("gzip", 60_000_000), ("lz4", 60_000_000), ("zstd", 400_000_000)])
def test_a_batch_that_unpacks_to_too_much_is_set_aside(
    bus: Bus, put: Callable[..., None], codec: str, size: int
) -> None:
    """A small message may hold a mountain of zeros: its neighbours arrive, and it costs no memory."""
    if "Confluent" in type(bus).__name__ and codec != "zstd":
        pytest.skip("librdkafka unpacks these; see test_a_member_that_died_is_followed_by_a_careful_one")
    put(b"before-0", codec=codec)
    put(b"0" * size, codec=codec)
    put(b"behind-2", codec=codec)
    source = bus.source("g", [READINGS])
    records, aside = take(source, 2)
    source.close()
    assert values(records) == [b"before-0", b"behind-2"]
    assert {(batch.first, batch.last, batch.reason) for batch in aside} == {(1, 1, "too_large")}
    assert all(len(batch.raw) < limits.MAX_UNPACKED_BYTES / 20 for batch in aside)


TELLS = """
import json, os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[3]), int(sys.argv[3])))
from energytrack.bus.open import open_bus
from energytrack.settings import KafkaSettings
given = json.loads(sys.argv[1])
most = int(sys.argv[2])
source = open_bus(KafkaSettings.model_validate(given), "child").source("g", ["factory-sensor-data"])
records, aside = [], []
while len(records) < most:
    records += [record.value.decode() for record in source.take(1000, 0.2)]
    aside += [(batch.first, batch.last, batch.reason) for batch in source.set_aside()]
print(json.dumps([records, aside]), flush=True)
os.kill(os.getpid(), 9)
"""
"""A member that takes so many messages, says what it took, and is killed without a commit."""


@pytest.fixture
def confluent(kafka_servers: str, topic_prefix: str) -> dict[str, object]:
    """Settings of the fast client, with the topic there."""
    options = {"servers": kafka_servers, "client": "confluent", "topic_prefix": topic_prefix, "partitions": 1}
    open_bus(KafkaSettings.model_validate(options), "contract").create_topics([Topic(READINGS, 1)])
    return options


def run_member(options: dict[str, object], most: int, *, deaths: int = 0, memory: int = 4 * 2**30) -> Any:
    """What a member said before it was killed; it may abort so many times before, and is started again."""
    arguments = [json.dumps(options), str(most), str(memory)]
    for _ in range(deaths + 1):
        ran = subprocess.run(
            [sys.executable, "-c", TELLS, *arguments], check=False, timeout=seconds_here(60), capture_output=True
        )
        if ran.returncode == -signal.SIGKILL:
            return json.loads(ran.stdout)
    raise AssertionError(f"died {deaths + 1} times: {ran.stderr.decode()[-500:]}")


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["gzip", "lz4"])
def test_a_member_that_died_is_followed_by_a_careful_one(
    confluent: dict[str, object], put: Callable[..., None], codec: str
) -> None:
    """librdkafka unpacks whatever it gets. A member killed over it is the last: the next one reads on with care."""
    bus = open_bus(KafkaSettings.model_validate(confluent), "contract")
    put(b"before-0")
    put(b"before-1")
    assert run_member(confluent, 2) == [["before-0", "before-1"], []]
    put(b"0" * 200_000_000, codec=codec)
    put(b"behind-3")
    source = bus.source("g", [READINGS])
    records, aside = take(source, 3)
    source.commit()
    assert values(records) == [b"before-0", b"before-1", b"behind-3"]
    assert [(batch.first, batch.last, batch.reason) for batch in aside] == [(2, 2, "too_large")]
    put(b"later-4")
    assert values(take(source, 1)[0]) == [b"later-4"]
    source.close()


@pytest.mark.slow
@pytest.mark.parametrize("packed", ["none", "zstd"])
def test_a_member_that_dies_over_a_checksum_dies_once(
    confluent: dict[str, object], put: Callable[..., None], kafka_site: Site, topic_prefix: str, packed: str
) -> None:
    """librdkafka (2.12) notices a wrong checksum and may abort on its way past it; the next member sets it aside."""
    put(b"before-0")
    put(b"spoilt-1", codec=packed)
    put(b"behind-2")
    spoil(kafka_site, topic_prefix + READINGS, 0, 1, as_flipped, fits=False)
    assert run_member(confluent, 2, deaths=1) == [["before-0", "behind-2"], [[1, 1, "wrong_checksum"]]]


@pytest.mark.slow
@pytest.mark.parametrize(("client", "deaths"), [("kafka-python", 0), ("confluent", 1)])
def test_bombs_pass_within_the_memory_of_a_container(
    confluent: dict[str, object], put: Callable[..., None], client: str, deaths: int
) -> None:
    """A gigabyte, packed into three messages, goes by a member that has the 512 MB of compose.yaml's smallest."""
    services = yaml.load(Path("compose.yaml").read_text(), yaml.CSafeLoader)["services"]
    assert services["historian"]["deploy"]["resources"]["limits"]["memory"] == "512m"
    put(b"before-0")
    for codec, size in (("gzip", 400_000_000), ("lz4", 240_000_000), ("zstd", 400_000_000)):
        put(b"0" * size, codec=codec)
    put(b"behind-4")
    options = run_member({**confluent, "client": client}, 2, deaths=deaths, memory=512 * 2**20)
    assert options[0] == ["before-0", "behind-4"]
    assert [(first, reason) for first, _, reason in options[1]] == [
        (1, "too_large"),
        (2, "too_large"),
        (3, "too_large"),
    ]
