from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.decoding.parsing import parse_insight
from energytrack.messages import Reading, encode
from energytrack.plant import load_plant
from energytrack.topics import DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from ml.models.artifact import seal, write
from ml.scoring.composition import NAME, TAKES, build
from ml.settings import MlSettings
from testkit.builders.messages import NOW, a_reading, an_event
from testkit.builders.recordings import a_champion

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")


class Running:
    """The service on a bus in memory, built as `ml.ml_consumer` builds it."""

    def __init__(self, bus: MemoryBus, model_file: Path) -> None:
        champion = a_champion()
        write(model_file, *seal(champion.model, champion.card, None))
        self.registry = CollectorRegistry()
        self.service = build(
            MlSettings(model_file=model_file), PLANT, bus.source(NAME, TAKES), bus.sink(),
            registry=self.registry, clock=ManualClock(NOW + timedelta(minutes=5)),
        )  # fmt: skip
        self.consumer, self.window = self.service.consumer, self.service.scorer.window


Run = Callable[[MemoryBus], Running]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return lambda bus: Running(bus, tmp_path / "failure_model.pkl")


def put(bus: MemoryBus, *readings: Reading) -> None:
    for reading in readings:
        bus.sink().put(READINGS, reading.device_id, encode(reading))


def insights(bus: MemoryBus) -> list[tuple[str, int]]:
    """Device and minute after NOW of every insight."""
    found = [parse_insight(raw, NOW) for raw in bus.values(INSIGHTS)]
    return sorted((i.device_id, int((i.timestamp - NOW).total_seconds() // 60)) for i in found)


def minutes(count: int, device_id: str = "cnc-0007", first: int = 0) -> list[Reading]:
    return [a_reading(device_id, timestamp=NOW + timedelta(minutes=m)) for m in range(first, first + count)]


def test_each_reading_becomes_an_insight_under_its_device(run: Run) -> None:
    """On the same partition, so that a device's order is kept."""
    bus = MemoryBus()
    put(bus, *minutes(3), *minutes(3, "press-0001"))
    run(bus).service.poll()
    assert insights(bus) == [(d, m) for d in ("cnc-0007", "press-0001") for m in range(3)]
    for partition in range(bus.partitions):
        keys = {r.key for r in bus.records[READINGS, partition]}
        assert {r.key for r in bus.records[INSIGHTS, partition]} <= keys


def test_a_poisonous_message_stops_nobody(run: Run) -> None:
    """It is counted, and filed by the historian; the rest is scored."""
    bus = MemoryBus()
    put(bus, *minutes(1))
    bus.sink().put(READINGS, "cnc-0007", b'{"device_id": 7')
    put(bus, *minutes(1, first=1))
    run(bus).service.poll()
    assert len(insights(bus)) == 2
    assert bus.values(DEAD_LETTERS) == []


def test_events_are_taken_too(run: Run) -> None:
    """They make no insight of their own."""
    bus = MemoryBus()
    bus.sink().put(EVENTS, "cnc-0007", encode(an_event("fault_code")))
    running = run(bus)
    assert running.service.poll() == 1
    assert insights(bus) == []
    assert running.window.devices() == ("cnc-0007",)


def test_whoever_takes_over_scores_what_was_not_committed(run: Run) -> None:
    """A consumer that dies between its work and its commit loses nothing."""
    bus = MemoryBus()
    put(bus, *minutes(3))
    first = run(bus)
    first.consumer.handle([])
    first.service.source.take(10, 0.0)  # taken, and then killed
    first.service.source.close()
    second = run(bus)
    second.service.poll()
    assert insights(bus) == [("cnc-0007", m) for m in range(3)]


def test_devices_of_partitions_that_went_elsewhere_are_let_go(run: Run) -> None:
    """And those that stay are kept; a moment without any partition drops nothing."""
    bus = MemoryBus()
    names = [f"cnc-{n:04d}" for n in range(40)]
    first = run(bus)
    put(bus, *(reading for name in names for reading in minutes(1, name)))
    first.service.poll()
    assert len(first.window) == 40
    first.consumer.assigned(frozenset())
    assert len(first.window) == 40
    second = run(bus)
    put(bus, *(reading for name in names for reading in minutes(1, name, first=1)))
    first.service.poll()
    second.service.poll()
    assert 0 < len(first.window) < 40
    assert sorted(first.window.devices() + second.window.devices()) == names
    assert insights(bus) == sorted((name, m) for name in names for m in range(2))


def test_alarms_are_measured_by_the_failures_that_follow(run: Run) -> None:
    """Both arrive on topics; a failure twenty minutes after the first hot reading was caught."""
    bus = MemoryBus()
    put(bus, *(a_reading(timestamp=NOW + timedelta(minutes=m), temperature=80.0) for m in range(20)))
    bus.sink().put(EVENTS, "cnc-0007", encode(an_event("failure", timestamp=NOW + timedelta(minutes=20))))
    running = run(bus)
    while running.service.poll():
        pass
    assert running.registry.get_sample_value("energytrack_model_failures_total", {"outcome": "caught"}) == 1
    assert running.registry.get_sample_value("energytrack_model_alarms_total", {"outcome": "true"}) == 1


def test_latencies_are_observed(tmp_path: Path, run: Run) -> None:
    """From the reading's own timestamp to the insight."""
    bus = MemoryBus()
    put(bus, *minutes(1))
    running = run(bus)
    running.service.poll()
    seconds = running.registry.get_sample_value("energytrack_pipeline_latency_seconds_sum", {"stage": NAME})
    assert seconds == 300.0


def test_a_retired_machine_is_forgotten(run: Run) -> None:
    """It starts again when it sends again."""
    bus = MemoryBus()
    running = run(bus)
    put(bus, *minutes(3))
    running.service.poll()
    assert running.window.devices() == ("cnc-0007",)
    bus.sink().put(EVENTS, "cnc-0007", encode(an_event("machine_retired")))
    running.service.poll()
    assert running.window.devices() == ()
