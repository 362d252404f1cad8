"""The composition root of the exporters: `python -m exporters` uses Kafka, tests a bus in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from energytrack.bus import Sink, Source
from energytrack.clock import Clock
from energytrack.consume import Taken, consume_once
from energytrack.decoding.clocks import parsers
from energytrack.decoding.decoded import Parser
from energytrack.messages import TOO_MANY
from energytrack.plant import Plant
from energytrack.running.health import Health
from energytrack.telemetry import Stage
from energytrack.topics import EVENTS, INSIGHTS, READINGS
from exporters.exporter import Exporter
from exporters.machines.assignment import WatchedSource
from exporters.machines.fleet import Past, Stored, no_past, none_stored
from exporters.settings import ExportersSettings

log = structlog.get_logger(__name__)

NAME: Final = "exporters"
TAKES: Final = (READINGS, INSIGHTS, EVENTS)


@dataclass(frozen=True, eq=False)
class Exporters:
    """The exporter between its topics and its page."""

    exporter: Exporter
    source: Source
    sink: Sink
    """For dead letters."""
    stage: Stage
    clock: Clock
    parsers: Mapping[str, Parser]
    """Corrections of machines' clocks from the plant file."""
    health: Health

    def poll(self) -> int:
        """Process one batch, from taking to committing and showing; returns the number of records."""
        taken = consume_once(
            self.source, self.sink, self._handle, stage=self.stage, clock=self.clock, parsers=self.parsers,
            refused=self.exporter.refused, health=self.health,
        )  # fmt: skip
        self.exporter.show()
        return taken

    def _handle(self, batch: Sequence[Taken]) -> None:
        admitted, excess = self.exporter.divide(batch)
        for _ in excess:
            self.stage.rejected(TOO_MANY)
        if excess and self.stage.samples.due(TOO_MANY, self.clock.now()):
            log.warning(
                "more machines send than the plant file lists and ENERGYTRACK_EXPORTERS_MOST_UNLISTED allows; they are "
                "not shown", device=excess[0].message.device_id, messages=len(excess),
            )  # fmt: skip
        self.exporter.handle(admitted)


def build(
    settings: ExportersSettings,
    plant: Plant,
    source: Source,
    sink: Sink,
    *,
    registry: CollectorRegistry,
    clock: Clock,
    stored: Stored = none_stored,
    past: Past = no_past,
    health: Health | None = None,
) -> Exporters:
    """Create everything between the topics and the page of all devices; connects and starts nothing."""
    exporter = Exporter(plant, settings.patience(), clock, stored, past, most_unlisted=settings.most_unlisted)
    exporter.register(registry)
    return Exporters(
        exporter=exporter,
        source=WatchedSource(source, exporter.assigned, clock),
        sink=sink,
        stage=Stage(NAME, registry, takes=TAKES, puts=()),
        clock=clock,
        parsers=parsers(plant, with_meters=True),
        health=health or Health(clock),
    )
