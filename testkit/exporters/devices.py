"""Short ways for tests to fold messages and to read pages."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from energytrack.bus import Record
from energytrack.bus.memory import MemoryBus
from energytrack.clock import Clock
from energytrack.consume import Taken
from energytrack.messages import Insight, Message, Reading
from energytrack.plant import load_plant
from energytrack.topics import EVENTS, INSIGHTS, READINGS
from exporters.composition import NAME, TAKES, Exporters, build
from exporters.machines.fleet import MOST_UNLISTED, Fleet, RetentionPeriods
from exporters.metrics.page import MetricsPage
from exporters.settings import ExportersSettings
from exporters.subjects import COLUMNS
from testkit.builders.messages import NOW

PLANT = load_plant(Path(__file__).parents[2] / "plant.toml")
PATIENCE = RetentionPeriods(gone=timedelta(minutes=10), forgotten=timedelta(days=1), insight=timedelta(minutes=2))


def record_of(message: Message, partition: int = 0) -> Taken:
    match message:
        case Reading():
            topic = READINGS
        case Insight():
            topic = INSIGHTS
        case _:
            topic = EVENTS
    return Taken(Record(topic, partition, 0, None, None), message)


def exporters_on(
    bus: MemoryBus, clock: Clock, registry: CollectorRegistry | None = None, *, most_unlisted: int = MOST_UNLISTED
) -> Exporters:
    """The whole service on a bus in memory."""
    return build(
        ExportersSettings(most_unlisted=most_unlisted),
        PLANT, bus.source(NAME, TAKES), bus.sink(), registry=registry or CollectorRegistry(),
        clock=clock,
    )  # fmt: skip


def a_fleet(*messages: Message, now: datetime = NOW) -> Fleet:
    """A fleet that has received these messages."""
    fleet = Fleet(PLANT, PATIENCE)
    deliver(fleet, [record_of(message) for message in messages], now)
    return fleet


def deliver(fleet: Fleet, batch: Sequence[Taken], now: datetime) -> None:
    """Let the fleet take a batch and commit it."""
    fleet.fold(batch, now)
    fleet.show()


def samples(fleet: Fleet, name: str, now: datetime = NOW) -> dict[tuple[str, ...], float]:
    """The samples of a family on the page: values by the labels' values, without line and type."""
    page = MetricsPage(COLUMNS).render(fleet.snapshot(now)).decode()
    return {
        tuple(value for label, value in sample.labels.items() if label not in {"device_type", "line"}): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == f"energytrack_device_{name}"
    }


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)
