"""What a service says of itself while it waits, and when it counts as stuck."""

import threading

from prometheus_client import CollectorRegistry

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.consume import consume_once
from energytrack.messages import encode
from energytrack.running.health import Health, WaitingSeconds, duration
from energytrack.running.watchdog import watched
from energytrack.telemetry import Stage
from energytrack.topics import READINGS
from testkit.builders.messages import NOW, a_reading
from testkit.patience import seconds_here
from testkit.stack.servers import eventually

KAFKA = "Kafka at 127.0.0.1:9092 has not answered"


def test_a_short_wait_is_nobodys_business() -> None:
    """Below the limit nothing is said; beyond it whom the service waits for, how long, and since when."""
    clock = ManualClock(NOW)
    health = Health(clock, patience=60.0)
    health.waiting("source", "kafka", KAFKA)
    clock.advance(59)
    assert health.complaint() is None
    clock.advance(181)
    assert health.complaint() == f"{KAFKA} for 4 min (since {NOW:%H:%M:%S} UTC)"
    health.served("source")
    assert health.complaint() is None


def test_a_wait_that_is_noted_again_goes_on() -> None:
    """The first attempt that failed counts, and each user of a server waits for itself."""
    clock = ManualClock(NOW)
    health = Health(clock, patience=60.0)
    for _ in range(10):
        health.waiting("source", "kafka", KAFKA)
        clock.advance(10)
    health.waiting("sink", "kafka", KAFKA)
    health.served("source")
    assert health.complaint() is None
    assert health.waiting_seconds("kafka") == 0.0


def test_a_server_explains_work_that_does_not_end() -> None:
    """Where a batch waits for the database, the sentence names the database; where it waits for nobody, the batch."""
    clock = ManualClock(NOW)
    health = Health(clock, patience=60.0)
    with health.work("a batch of 500 messages"):
        clock.advance(90)
        assert str(health.complaint()).startswith("a batch of 500 messages has been in progress for 90 s")
        health.waiting("store", "database", "the database at db:27017 has not answered", since=clock.monotonic() - 70)
        assert str(health.complaint()).startswith("the database at db:27017 has not answered for 70 s")
        health.served("store")
    assert health.complaint() is None


def test_waiting_is_a_metric() -> None:
    """Prometheus sees for each kind of server how long the service has waited, from zero on."""
    clock, registry = ManualClock(NOW), CollectorRegistry()
    health = Health(clock)
    registry.register(WaitingSeconds(health))
    health.waiting("source", "kafka", KAFKA)
    clock.advance(12)
    found = {
        kind: registry.get_sample_value("energytrack_service_waiting_seconds", {"awaited": kind})
        for kind in ("kafka", "database", "work")
    }
    assert found == {"kafka": 12.0, "database": 0.0, "work": 0.0}


def test_a_batch_that_is_done_is_no_wait() -> None:
    """The loop tells of its work while it lasts, and beats at every turn."""
    clock = ManualClock(NOW)
    health, bus = Health(clock, patience=1.0, stuck_after=10.0), MemoryBus()
    bus.sink().put(READINGS, "cnc-0001", encode(a_reading()))
    stage = Stage("test", CollectorRegistry(), takes=[READINGS], puts=[])
    said: list[str | None] = []

    def handle(_: object) -> None:
        clock.advance(5)
        said.append(health.complaint())

    clock.advance(60)
    assert health.is_stuck()
    consume_once(bus.source("g", [READINGS]), bus.sink(), handle, stage=stage, clock=clock, health=health)
    assert said[0] is not None
    assert said[0].startswith("a batch of 1 messages has been in progress for 5 s")
    assert health.complaint() is None
    assert not health.is_stuck()


def test_long_work_is_not_stuck() -> None:
    """A model is trained for as long as it takes."""
    clock = ManualClock(NOW)
    health = Health(clock, stuck_after=10.0)
    with health.long_work():
        clock.advance(3600)
        assert not health.is_stuck()
    assert not health.is_stuck()
    clock.advance(11)
    assert health.is_stuck()


def test_the_watchdog_ends_what_stands_still_and_nothing_else() -> None:
    """As long as somebody says that the loop turns, or waits, nothing happens; then the end is called, once."""
    stuck_after = seconds_here(2.0)  # a thread that beats has to get its turn within that time
    health = Health(stuck_after=stuck_after)
    ended: list[str] = []
    enough = threading.Event()

    def beat() -> None:
        while not enough.wait(0.1):
            health.beat()

    beating = threading.Thread(target=beat)
    with watched(health, end=lambda: ended.append("ended")):
        beating.start()
        beating.join(2 * stuck_after)
        assert ended == []
        enough.set()
        eventually(lambda: ended == ["ended"], 10.0)


def test_times_as_people_say_them() -> None:
    """Seconds for two minutes, then minutes, then hours."""
    assert [duration(seconds) for seconds in (0.4, 59, 119, 121, 600, 7500)] == [
        "0 s", "59 s", "119 s", "2 min", "10 min", "2 h 5 min"
    ]  # fmt: skip
