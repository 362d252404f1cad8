"""What every bus promises while nobody answers, held against the memory bus and both Kafka clients on a real broker."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from energytrack.bus import Bus, Sink, Source
from energytrack.bus.memory import MemoryBus
from energytrack.bus.open import open_bus
from energytrack.errors import BusUnavailable, DeliveryFailed, StopRequested
from energytrack.running.health import Health
from energytrack.settings import KafkaSettings
from energytrack.topics import READINGS, Topic
from local.lifecycle.child import Child
from testkit.patience import seconds_here
from testkit.stack.servers import eventually, kafka_running, site_in

CLIENTS = ("kafka-python", "confluent")
DEVICES = [f"cnc-{number:04d}" for number in range(20)]
LIMIT = 3.0
"""Seconds after which a producer gives up; outages here last longer."""


class Cut:
    """A bus whose broker can be taken away and brought back."""

    def __init__(self, bus: Bus, away: Callable[[], None], back: Callable[[], None]) -> None:
        self.bus = bus
        self.away = away
        self.back = back


class StoppableBroker:
    """A real broker, frozen and thawed, or killed and started again on what it had."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.site = site_in(folder)
        self.servers = self.site.address(self.site.ports.kafka)
        self._stack = stack
        self._running: ExitStack | None = None
        self._child: Child | None = None

    def start(self) -> None:
        if self._running is None:
            self._running = self._stack.enter_context(ExitStack())
            self._child = self._running.enter_context(kafka_running(self.site))

    def kill(self) -> None:
        if self._running is not None:
            self._running.close()
            self._running = None

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None and self._running is not None:
            os.killpg(self._child.process.pid, number)


@pytest.fixture(scope="module")
def module_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoppableBroker]:
    with ExitStack() as stack:
        yield StoppableBroker(tmp_path_factory.mktemp("broker"), stack)


@pytest.fixture
def broker(module_broker: StoppableBroker) -> Iterator[StoppableBroker]:
    """A broker that runs, whatever the test before did to it."""
    module_broker.start()
    yield module_broker
    module_broker.thaw()


@pytest.fixture(params=["memory", *(f"{client}, {how}" for client in CLIENTS for how in ("killed", "frozen"))])
def cut(request: pytest.FixtureRequest, topic_prefix: str) -> Cut:
    if request.param == "memory":
        memory = MemoryBus(partitions=4)
        return Cut(memory, memory.answers.clear, memory.answers.set)
    client, how = request.param.split(", ")
    broker: StoppableBroker = request.getfixturevalue("broker")
    bus = a_bus(client, broker.servers, topic_prefix)
    away, back = (broker.kill, broker.start) if how == "killed" else (broker.freeze, broker.thaw)
    return Cut(bus, away, back)


def a_bus(client: str, servers: str, prefix: str, *, health: Health | None = None) -> Bus:
    settings = {
        "client": client, "servers": servers, "topic_prefix": prefix, "partitions": 4, "delivery_seconds": LIMIT
    }  # fmt: skip
    bus = open_bus(KafkaSettings.model_validate(settings), "outage", health=health)
    bus.create_topics([Topic(READINGS, 1)])
    return bus


def arrived(source: Source, expected: int) -> dict[str, list[int]]:
    """The numbers of each device in the order of their first arrival, once there are `expected` of each."""
    found: dict[str, list[int]] = {device: [] for device in DEVICES}

    def all_there() -> bool:
        for record in source.take(1000, 0.2):
            device, number = (record.value or b"").decode().split(":")
            if int(number) not in found[device]:
                found[device].append(int(number))
        return all(len(numbers) >= expected for numbers in found.values())

    eventually(all_there, 60.0)
    return found


class Putting(threading.Thread):
    """Puts rounds of messages and flushes each, as a service would, from one thread."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(daemon=True)
        self.rounds = 0
        self.enough = threading.Event()
        self.raised: Exception | None = None
        self._sink = sink

    def run(self) -> None:
        try:
            while not self.enough.wait(0.02):
                for _ in range(3):
                    for device in DEVICES:
                        self._sink.put(READINGS, device, f"{device}:{self.rounds}".encode())
                    self.rounds += 1
                self._sink.flush()
        except (DeliveryFailed, BusUnavailable, StopRequested) as error:
            self.raised = error


def stands_still(putting: Putting, seconds: float) -> None:
    """Return after so many seconds without an end of the flush; fails where there was one, or an error."""
    eventually(lambda: not moves(putting), 10.0)
    before, end = putting.rounds, time.monotonic() + seconds
    while time.monotonic() < end:
        putting.join(0.1)
        assert putting.raised is None
        assert putting.rounds == before


def moves(putting: Putting) -> bool:
    before = putting.rounds
    putting.join(0.5)
    return putting.rounds > before


@pytest.mark.slow
def test_an_outage_longer_than_the_limit_costs_nothing(cut: Cut) -> None:
    """A flush that meets an outage returns soon after it; all has arrived, each device's in order."""
    putting = Putting(cut.bus.sink())
    putting.start()
    eventually(lambda: putting.rounds >= 6)
    cut.away()
    stands_still(putting, 3 * LIMIT)
    cut.back()
    before = putting.rounds
    eventually(lambda: putting.rounds > before, 30.0)
    putting.enough.set()
    putting.join(seconds_here(30))
    assert putting.raised is None
    source = cut.bus.source("g", [READINGS])
    found = arrived(source, putting.rounds)
    source.close()
    assert found == {device: list(range(putting.rounds)) for device in DEVICES}


@pytest.mark.slow
def test_a_stop_ends_the_wait(cut: Cut) -> None:
    """Who is asked to stop during an outage stops within seconds, and closes without a word."""
    stop = threading.Event()
    sink = cut.bus.sink(stop=stop)
    putting = Putting(sink)
    putting.start()
    eventually(lambda: putting.rounds >= 6)
    cut.away()
    eventually(lambda: not moves(putting), 10.0)
    began = time.monotonic()
    stop.set()
    putting.join(seconds_here(20))
    assert isinstance(putting.raised, StopRequested)
    sink.close()
    assert time.monotonic() - began < seconds_here(8.0)


@pytest.mark.slow
def test_where_a_person_waits_a_flush_has_one_deadline(cut: Cut) -> None:
    """With patience, any number of messages under way fail together when it is over, and the sink serves on."""
    sink = cut.bus.sink(patience=LIMIT)
    putting = Putting(sink)
    putting.start()
    eventually(lambda: putting.rounds >= 6)
    cut.away()
    eventually(lambda: not moves(putting) or putting.raised is not None, 10.0)
    began = time.monotonic()
    putting.join(seconds_here(20))
    assert isinstance(putting.raised, DeliveryFailed | BusUnavailable)
    assert time.monotonic() - began < seconds_here(2.5 * LIMIT)
    cut.back()
    eventually(lambda: delivers(sink), 30.0)
    sink.close()


def delivers(sink: Sink) -> bool:
    try:
        sink.put(READINGS, "cnc-0001", b"cnc-0001:0")
        sink.flush()
    except (DeliveryFailed, BusUnavailable):
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("how", ["killed", "frozen"])
@pytest.mark.parametrize("client", CLIENTS)
def test_who_takes_says_that_nobody_answers(client: str, how: str, broker: StoppableBroker, topic_prefix: str) -> None:
    """A member that gets nothing because the broker is away waits for it, by name, and no longer when it is back."""
    health = Health(patience=1.0)
    source = a_bus(client, broker.servers, topic_prefix, health=health).source("g", [READINGS])
    eventually(lambda: not source.take(10, 0.2) and source.partitions(), 30.0)
    assert health.complaint() is None
    broker.kill() if how == "killed" else broker.freeze()
    complaint = eventually(lambda: source.take(10, 0.2) or health.complaint(), 60.0)
    assert f"Kafka at {broker.servers} has not answered for" in str(complaint)
    broker.start() if how == "killed" else broker.thaw()
    eventually(lambda: not source.take(10, 0.2) and health.complaint() is None, 40.0)
    source.close()
