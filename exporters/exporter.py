"""The exporter: handles batches, changes of partitions, and scrapes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from prometheus_client import CollectorRegistry

from energytrack.clock import Clock
from energytrack.consume import Taken
from energytrack.errors import MalformedMessage
from energytrack.messages import Reading
from energytrack.plant import Plant
from exporters.machines.assignment import Partitions
from exporters.machines.fleet import MOST_UNLISTED, Fleet, Past, RetentionPeriods, Stored, no_past, none_stored
from exporters.machines.plant_meters import PlantMeterFleet
from exporters.metrics.clocks import ClocksCollector
from exporters.metrics.page import MetricsPage
from exporters.metrics.pipeline import PipelineCollector
from exporters.metrics.plant import PlantCollector
from exporters.metrics.plant_meters import PlantMetersCollector
from exporters.subjects import COLUMNS

TIDY: Final = timedelta(minutes=1)


class Exporter:
    """One thread passes in batches and partitions; any thread requests the page."""

    def __init__(
        self,
        plant: Plant,
        patience: RetentionPeriods,
        clock: Clock,
        stored: Stored = none_stored,
        past: Past = no_past,
        *,
        most_unlisted: int = MOST_UNLISTED,
    ) -> None:
        self._clock = clock
        self._fleet = Fleet(plant, patience, stored, past, most_unlisted=most_unlisted)
        self._meters = PlantMeterFleet(plant, patience, stored)
        self._shown_meters = PlantMetersCollector(plant, self._meters, clock)
        self._clocks = ClocksCollector(self._fleet.identity, patience, clock)
        self._page = MetricsPage(COLUMNS)
        self._progress = PipelineCollector(self._fleet, clock)
        self._plant = PlantCollector(plant, clock)
        self._tidied = clock.now()

    def register(self, registry: CollectorRegistry) -> None:
        """Show the plant, the progress and the clocks in a registry."""
        registry.register(self._progress)
        registry.register(self._plant)
        registry.register(self._clocks)
        registry.register(self._shown_meters)

    def page(self) -> bytes:
        """The series of all devices, in Prometheus' text format."""
        return self._page.render(self._fleet.snapshot(self._clock.now()))

    def divide(self, batch: Sequence[Taken]) -> tuple[Sequence[Taken], Sequence[Taken]]:
        """The messages to handle, and those of machines that are one too many."""
        return self._fleet.divide(batch)

    def handle(self, batch: Sequence[Taken]) -> None:
        """Fold a batch; the page has it after `show`."""
        now = self._clock.now()
        for taken in batch:
            if isinstance(taken.message, Reading):
                self._clocks.taken(taken.message.device_id)
        batch = self._meters.fold(batch, now)
        self._fleet.fold(batch, now)
        self._progress.folded(batch, now)
        if now - self._tidied > TIDY:
            self._tidied = now
            self._fleet.forget(now)
            self._meters.forget(now)

    def show(self) -> None:
        """Publish the handled messages for scrapes, after their commit."""
        self._fleet.show()
        self._meters.show()

    def refused(self, malformed: MalformedMessage) -> None:
        """Record a message that went to the dead letters."""
        self._clocks.refused(malformed)

    def assigned(self, partitions: Partitions) -> None:
        """Drop the devices whose partitions moved to another replica."""
        self._fleet.keep(partitions)
        self._meters.keep(partitions)
        self._progress.assigned(partitions)
