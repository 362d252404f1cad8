"""The exporter's own progress: the newest message of each topic, its partitions, its devices."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock
from energytrack.consume import Taken
from energytrack.fields import EARLIEST
from energytrack.messages import Command
from exporters.machines.fleet import Fleet
from exporters.metrics.families import filled, plain_gauge

NEWEST: Final = plain_gauge(
    "energytrack_exporter_newest_message_timestamp_seconds",
    "Timestamp of the newest folded message, by topic. Current time minus this is the lag of all panels.",
    "topic",
)
PARTITIONS: Final = plain_gauge(
    "energytrack_exporter_partitions", "Partitions assigned to this replica, by topic.", "topic"
)
DEVICES: Final = plain_gauge(
    "energytrack_exporter_devices",
    "Devices of this replica: present, or silent (values dropped, not forgotten yet).",
    "presence",
)
PIPELINE: Final = (NEWEST, PARTITIONS, DEVICES)


class PipelineCollector(Collector):
    """Exports the progress: written by the consuming thread, read at each scrape."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._fleet = fleet
        self._clock = clock
        self._newest: Mapping[str, datetime] = {}
        self._partitions: Mapping[str, int] = {}

    def folded(self, batch: Sequence[Taken], now: datetime) -> None:
        """Record the newest message of each topic; a timestamp in the future counts as now."""
        newest = dict(self._newest)
        for taken in batch:
            record, message = taken.record, taken.message
            if not isinstance(message, Command) and message.timestamp > newest.get(record.topic, EARLIEST):
                newest[record.topic] = message.timestamp
        self._newest = {topic: min(at, now) for topic, at in newest.items()}

    def assigned(self, partitions: frozenset[tuple[str, int]]) -> None:
        """Record the assigned partitions."""
        self._partitions = Counter(topic for topic, _ in partitions)

    def collect(self) -> Iterator[Metric]:
        """Each family with its samples."""
        snapshot = self._fleet.snapshot(self._clock.now())
        present = len(snapshot.present)
        yield filled(NEWEST, {(topic,): at.timestamp() for topic, at in self._newest.items()})
        yield filled(PARTITIONS, {(topic,): count for topic, count in self._partitions.items()})
        yield filled(DEVICES, {("present",): present, ("silent",): len(snapshot.known) - present})
