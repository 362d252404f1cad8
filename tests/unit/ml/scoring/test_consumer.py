from datetime import timedelta
from pathlib import Path

import pytest
from ml.models.metrics import ModelMetrics
from ml.scoring.composition import NAME, TAKES
from ml.scoring.consumer import MlConsumer
from prometheus_client import CollectorRegistry

from energytrack.bus.memory import MemoryBus
from energytrack.clock import ManualClock
from energytrack.consume import consume_once
from energytrack.messages import Reading, encode, parse_insight
from energytrack.plant import load_plant
from energytrack.telemetry import Stage
from energytrack.topics import DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from ml.models.artifact import card_file, seal, write
from ml.models.champion_file import ChampionFile
from ml.recommendations.rules import recommendation_rules
from ml.scoring.outcome_metrics import OutcomeMetrics
from ml.scoring.scorer import Scorer
from testkit.builders import NOW, a_reading, an_event
from testkit.ml_builders import a_champion

PLANT = load_plant(Path(__file__).parents[3] / "plant.toml")


class Running:
    """A consumer on a bus in memory, as its `__main__` puts it together."""

    def __init__(self, bus: MemoryBus) -> None:
        self.bus = bus
        self.registry = CollectorRegistry()
        self.scorer = Scorer(a_champion(), PLANT, recommendation_rules())
        self.source = bus.source(NAME, TAKES)
        self.stage = Stage(NAME, self.registry, takes=TAKES, puts=[INSIGHTS, DEAD_LETTERS])
        self.clock = ManualClock(NOW + timedelta(minutes=5))
        self.consumer = MlConsumer(
            self.scorer,
            bus.sink(),
            clock=self.clock,
            observe=self.stage.latency_observer(),
            truth=OutcomeMetrics(self.registry).add,
        )

    def update(self) -> int:
        self.consumer.assigned(self.source.partitions())
        return consume_once(self.source, self.bus.sink(), self.consumer.handle, stage=self.stage, clock=self.clock)


def put(bus: MemoryBus, *readings: Reading) -> None:
    for reading in readings:
        bus.sink().put(READINGS, reading.device_id, encode(reading))


def insights(bus: MemoryBus) -> list[tuple[str, int]]:
    """Device and minute after NOW of every insight."""
    found = [parse_insight(raw, NOW) for raw in bus.values(INSIGHTS)]
    return sorted((i.device_id, int((i.timestamp - NOW).total_seconds() // 60)) for i in found)


def minutes(count: int, device_id: str = "cnc-0007", first: int = 0) -> list[Reading]:
    return [a_reading(device_id, timestamp=NOW + timedelta(minutes=m)) for m in range(first, first + count)]


def test_each_reading_becomes_an_insight_under_its_device() -> None:
    """On the same partition, so that a device's order is kept."""
    bus = MemoryBus()
    put(bus, *minutes(3), *minutes(3, "press-0001"))
    Running(bus).update()
    assert insights(bus) == [(d, m) for d in ("cnc-0007", "press-0001") for m in range(3)]
    for partition in range(bus.partitions):
        keys = {r.key for r in bus.records[READINGS, partition]}
        assert {r.key for r in bus.records[INSIGHTS, partition]} <= keys


def test_a_poisonous_message_stops_nobody() -> None:
    """It goes to the dead letters, the rest is scored."""
    bus = MemoryBus()
    put(bus, *minutes(1))
    bus.sink().put(READINGS, "cnc-0007", b'{"device_id": 7')
    put(bus, *minutes(1, first=1))
    Running(bus).update()
    assert len(insights(bus)) == 2
    assert bus.values(DEAD_LETTERS) == [b'{"device_id": 7']


def test_events_are_taken_too() -> None:
    """They make no insight of their own."""
    bus = MemoryBus()
    bus.sink().put(EVENTS, "cnc-0007", encode(an_event("fault_code")))
    running = Running(bus)
    assert running.update() == 1
    assert insights(bus) == []
    assert running.scorer.window.devices() == ("cnc-0007",)


def test_whoever_takes_over_scores_what_was_not_committed() -> None:
    """A consumer that dies between its work and its commit loses nothing."""
    bus = MemoryBus()
    put(bus, *minutes(3))
    first = Running(bus)
    first.consumer.handle([])
    first.source.take(10, 0.0)  # taken, and then killed
    first.source.close()
    second = Running(bus)
    second.update()
    assert insights(bus) == [("cnc-0007", m) for m in range(3)]


def test_devices_of_partitions_that_went_elsewhere_are_let_go() -> None:
    """And those that stay are kept; a moment without any partition drops nothing."""
    bus = MemoryBus()
    names = [f"cnc-{n:04d}" for n in range(40)]
    first = Running(bus)
    put(bus, *(reading for name in names for reading in minutes(1, name)))
    first.update()
    assert len(first.scorer.window) == 40
    first.consumer.assigned(frozenset())
    assert len(first.scorer.window) == 40
    second = Running(bus)
    put(bus, *(reading for name in names for reading in minutes(1, name, first=1)))
    first.update()
    second.update()
    assert 0 < len(first.scorer.window) < 40
    assert sorted(first.scorer.window.devices() + second.scorer.window.devices()) == names
    assert insights(bus) == sorted((name, m) for name in names for m in range(2))


def test_alarms_are_measured_by_the_failures_that_follow() -> None:
    """Both arrive on topics; a failure twenty minutes after the first hot reading was caught."""
    bus = MemoryBus()
    put(bus, *(a_reading(timestamp=NOW + timedelta(minutes=m), temperature=80.0) for m in range(20)))
    bus.sink().put(EVENTS, "cnc-0007", encode(an_event("failure", timestamp=NOW + timedelta(minutes=20))))
    running = Running(bus)
    while running.update():
        pass
    assert running.registry.get_sample_value("energytrack_model_failures_total", {"outcome": "caught"}) == 1
    assert running.registry.get_sample_value("energytrack_model_alarms_total", {"outcome": "true"}) == 1


def test_latencies_are_observed(tmp_path: Path) -> None:
    """From the reading's own timestamp to the insight."""
    bus = MemoryBus()
    put(bus, *minutes(1))
    running = Running(bus)
    running.update()
    seconds = running.registry.get_sample_value("energytrack_pipeline_latency_seconds_sum", {"stage": NAME})
    assert seconds == 300.0


def a_file(folder: Path, clock: ManualClock, registry: CollectorRegistry, key: str | None = None) -> ChampionFile:
    return ChampionFile(
        folder / "failure_model.pkl", key, every_seconds=2.0, clock=clock, metrics=ModelMetrics(registry)
    )


def save(folder: Path, threshold: float = 0.7) -> None:
    champion = a_champion(threshold=threshold)
    write(folder / "failure_model.pkl", *seal(champion.model, champion.card, None))


def test_a_new_champion_is_noticed_and_an_old_one_is_not_read_twice(tmp_path: Path) -> None:
    """The disk is asked every two seconds at most."""
    clock, registry = ManualClock(NOW), CollectorRegistry()
    file = a_file(tmp_path, clock, registry)
    assert file.changed() is None
    save(tmp_path)
    assert file.changed() is None
    clock.advance(2.0)
    assert file.changed() is not None
    clock.advance(2.0)
    assert file.changed() is None
    save(tmp_path, threshold=0.5)
    clock.advance(2.0)
    champion = file.changed()
    assert champion is not None
    assert champion.card.threshold == 0.5
    version = {"version": champion.card.version, "kind": "random_forest"}
    assert registry.get_sample_value("energytrack_model_info", version) == 1
    assert registry.get_sample_value("energytrack_model_score", {"score": "pr_auc"}) == 0.8
    assert registry.get_sample_value("energytrack_model_score", {"score": "event_recall"}) is None


@pytest.mark.parametrize("reason", ["checksum", "unsigned"])
def test_a_refused_model_is_counted_and_the_old_one_stays(tmp_path: Path, reason: str) -> None:
    """The consumer goes on scoring with what it has."""
    clock, registry = ManualClock(NOW), CollectorRegistry()
    save(tmp_path)
    if reason == "checksum":
        (tmp_path / "failure_model.pkl").write_bytes(b"something else")
    file = a_file(tmp_path, clock, registry, key="a key" if reason == "unsigned" else None)
    assert file.changed() is None
    assert registry.get_sample_value("energytrack_model_refused_total", {"reason": reason}) == 1
    assert card_file(tmp_path / "failure_model.pkl").exists()
