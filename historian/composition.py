"""The composition root of the historian: `python -m historian` uses Kafka, tests a bus in memory."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry

from energytrack.bus import Sink, Source
from energytrack.clock import Clock
from energytrack.consume import Taken, consume_once
from energytrack.decoding.clocks import parsers
from energytrack.decoding.decoded import Parser
from energytrack.messages import encode
from energytrack.plant import Plant
from energytrack.running.disk_room import RoomGuard
from energytrack.running.health import Health
from energytrack.settings import DiskSettings, LedgerSettings
from energytrack.store import Store
from energytrack.store.retrying import RetryPolicy
from energytrack.store.unreadable_metric import UnreadableCollector
from energytrack.telemetry import CountedSink, Stage
from energytrack.topics import DEAD_LETTERS, EVENTS, INSIGHTS, READINGS
from historian.filing import Filing
from historian.retention import Retention
from historian.settings import HistorianSettings

NAME: Final = "historian"
TAKES: Final = (READINGS, INSIGHTS, EVENTS)


@dataclass(eq=False)
class Historian:
    """Stores the messages of its topics, keeps the latest states current, and deletes expired data."""

    filing: Filing
    retention: Retention
    room: RoomGuard
    source: Source
    sink: Sink
    stage: Stage
    clock: Clock
    settings: HistorianSettings
    parsers: Mapping[str, Parser]
    """Corrections of machines' clocks from the plant file."""
    health: Health
    _partitions: frozenset[tuple[str, int]] = frozenset()

    def poll(self) -> bool:
        """Process one batch, from taking to committing; False if there is no space on the disk.

        Expired data is deleted all the same, because that makes space.
        """
        has_room = not self.room.why_short()
        if has_room:
            self._note_partitions()
            consume_once(
                self.source, self.sink, self._handle, stage=self.stage, clock=self.clock,
                limit=self.settings.batch, wait=self.settings.linger_seconds, parsers=self.parsers,
                refused=self.filing.refused, health=self.health,
            )  # fmt: skip
            self.filing.settle()
        self.retention.run_once()
        return has_room

    def _handle(self, batch: Sequence[Taken]) -> None:
        """Store a batch; after a rebalance, another historian may have counted the machines of new partitions."""
        self._note_partitions()
        self.filing.handle(batch)

    def _note_partitions(self) -> None:
        partitions = self.source.partitions()
        if partitions != self._partitions:
            self.filing.share_out_again()
            self._partitions = partitions


def build(
    settings: HistorianSettings,
    plant: Plant,
    store: Store,
    source: Source,
    sink: Sink,
    *,
    registry: CollectorRegistry,
    clock: Clock,
    stop: threading.Event,
    health: Health | None = None,
    disk: DiskSettings | None = None,
    ledger: LedgerSettings | None = None,
) -> Historian:
    """Create everything between the topics and the database; connects and starts nothing."""
    health = health or Health(clock)
    registry.register(UnreadableCollector(store.unreadable))
    families = (
        store.readings,
        store.insights,
        store.events,
        store.finished_parts,
        store.devices,
        store.meters,
        store.ledger,
    )
    stage = Stage(NAME, registry, takes=TAKES, puts=[*(family.name for family in families), EVENTS, DEAD_LETTERS])
    counted = CountedSink(sink, stage)
    filing = Filing(
        store, plant, settings, stage=stage, clock=clock,
        persist=RetryPolicy(stop=stop, clock=clock, registry=registry, health=health),
        tell=lambda event: counted.put(EVENTS, event.device_id, encode(event)), registry=registry,
    )  # fmt: skip
    return Historian(
        filing=filing,
        retention=Retention(store, clock=clock, ledger_years=(ledger or LedgerSettings()).years),
        room=RoomGuard(disk or DiskSettings(), clock=clock, registry=registry, health=health),
        source=source,
        sink=counted,
        stage=stage,
        clock=clock,
        settings=settings,
        parsers=parsers(plant, with_meters=True),
        health=health,
    )
