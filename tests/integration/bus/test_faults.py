"""Brokers restart and consumers are killed; no message is lost by it."""

import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from energytrack.bus import Bus, Sink, Source, limits
from energytrack.bus.open import open_bus
from energytrack.errors import DeliveryFailed
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS, Topic
from local.services.kafka import prepare_kafka
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, kafka_running, site_in
from tests.integration.bus import collector

CLIENTS = ("kafka-python", "confluent")
DEVICES = [f"cnc-{number:04d}" for number in range(20)]


def a_bus(client: str, servers: str, prefix: str) -> Bus:
    settings = {"client": client, "servers": servers, "topic_prefix": prefix, "partitions": 4}
    return open_bus(KafkaSettings.model_validate(settings), "faults")


class Producing(threading.Thread):
    """Puts numbered messages of every device, a few hundred a second, and flushes as often as a service would."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self.rounds = 0
        self.failure: DeliveryFailed | None = None
        self.enough = threading.Event()
        self._sink = sink

    def run(self) -> None:
        try:
            while not self.enough.wait(0.05):
                for device in DEVICES:
                    self._sink.put(READINGS, device, f"{device}:{self.rounds}".encode())
                self._sink.flush()
                self.rounds += 1
            self._sink.close()
        except DeliveryFailed as failure:
            self.failure = failure


class Consuming(threading.Thread):
    """Takes, remembers, commits."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.values: dict[str, list[int]] = defaultdict(list)
        self.enough = threading.Event()
        self._source = source

    def run(self) -> None:
        while not self.enough.is_set():
            for record in self._source.take(500, 0.2):
                device, number = (record.value or b"").decode().split(":")
                self.values[device].append(int(number))
            self._source.commit()
        self._source.close()

    def newest(self) -> int:
        """The round that has arrived of every device."""
        return min((max(self.values[device], default=-1) for device in DEVICES), default=-1)


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.mark.slow
def test_a_broker_that_restarts_costs_no_message(client: str, tmp_path: Path) -> None:
    """Services start before the broker, it is killed and comes back: all messages arrive, each device's in order."""
    site = site_in(tmp_path)
    prepare_kafka(site)
    bus = a_bus(client, site.address(site.ports.kafka), "restart.")
    producing, consuming = Producing(bus.sink()), Consuming(bus.source("g", [READINGS]))
    consuming.start()
    try:
        with kafka_running(site):
            bus.create_topics([Topic(READINGS, 1)])
            producing.start()
            eventually(lambda: consuming.newest() >= 10, 60.0)
        before = producing.rounds  # the broker was killed
        with kafka_running(site):
            eventually(lambda: consuming.newest() >= before + 20, 90.0)
            producing.enough.set()
            producing.join(seconds_here(60))
            assert producing.failure is None
            eventually(lambda: consuming.newest() == producing.rounds - 1, 60.0)
            consuming.enough.set()
            consuming.join(seconds_here(30))
    finally:
        producing.enough.set()
        consuming.enough.set()
    for device in DEVICES:
        first_seen = list(dict.fromkeys(consuming.values[device]))
        assert first_seen == list(range(producing.rounds))


@pytest.fixture
def collectors(client: str, kafka_servers: str, topic_prefix: str, tmp_path: Path) -> Iterator["Collectors"]:
    collectors = Collectors([client, kafka_servers, topic_prefix, str(tmp_path / "collected.txt")])
    yield collectors
    collectors.kill()


class Collectors:
    """One collector at a time, in a process of its own."""

    def __init__(self, arguments: list[str]) -> None:
        self._command = [sys.executable, "-m", collector.__name__, *arguments]
        self._path = Path(arguments[-1])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def collected(self) -> set[str]:
        assert self._process is not None
        assert self._process.poll() is None, "the collector has ended"
        return set(self._path.read_text().split()) if self._path.exists() else set()


@pytest.mark.slow
def test_a_consumer_that_is_killed_loses_nothing(
    client: str, kafka_servers: str, topic_prefix: str, collectors: Collectors
) -> None:
    """Whenever it is killed, its successor takes what was not committed: everything is collected at last."""
    bus = a_bus(client, kafka_servers, topic_prefix)
    bus.create_topics([Topic(READINGS, 1)])
    producing = Producing(bus.sink())
    producing.start()
    try:
        for _ in range(3):
            collectors.start()
            known = len(collectors.collected())
            eventually(lambda known=known: len(collectors.collected()) > known, 40.0)  # type: ignore[misc]
            collectors.kill()
    finally:
        producing.enough.set()
        producing.join(seconds_here(60))
    collectors.start()
    expected = {f"{device}:{number}" for device in DEVICES for number in range(producing.rounds)}
    eventually(lambda: expected <= collectors.collected(), 60.0)


@pytest.mark.slow
def test_a_sink_without_a_broker_holds_a_bounded_number(client: str, tmp_path: Path) -> None:
    """While the broker is away a producer waits, instead of piling up messages."""
    site = site_in(tmp_path)
    bus = a_bus(client, site.address(site.ports.kafka), "full.")
    with kafka_running(site):
        bus.create_topics([Topic(READINGS, 1)])
        sink = bus.sink(patience=4.0)
        sink.put(READINGS, "cnc-0001", b"x")
        sink.flush()
    begin = time.monotonic()
    with pytest.raises(DeliveryFailed, match="not acknowledged"):
        put_and_flush(sink, 2 * limits.MAX_UNDER_WAY)
    assert time.monotonic() - begin >= 3.0, "the puts beyond the limit did not wait"


def put_and_flush(sink: Sink, count: int) -> None:
    for _ in range(count):
        sink.put(READINGS, "cnc-0001", b"x")
    sink.flush()
