"""Resumes the meters of machines that are new to this exporter from the store, where the historian keeps them.

A stored meter is some seconds old. A register includes what was used since; if energy is counted from current, the
readings since then are counted again, so that no counter shows less than before.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from energytrack.clock import Clock
from energytrack.metering.step import step
from energytrack.metering.values import Meter
from energytrack.plant import Plant
from energytrack.store import Store
from exporters.machines.store_queries import StoreQueries

CATCH_UP_SECONDS: Final = 3.0
LONGEST_CATCH_UP: Final = timedelta(hours=1)
"""A stored meter that is older than this belongs to a machine that has been silent since."""
MARGIN: Final = timedelta(minutes=5)
"""A machine's clock may be this far ahead of ours."""


class StoredMeters:
    """Reads meters from the store."""

    def __init__(self, asking: StoreQueries, plant: Plant, clock: Clock, registry: CollectorRegistry) -> None:
        self._asking = asking
        self._plant = plant
        self._clock = clock
        self._begun = Counter(
            "energytrack_exporter_meters",
            "Meters that this exporter started, by origin: resumed from the store, or new at the register.",
            ["begun"],
            registry=registry,
        )
        for begun in ("stored", "new"):
            self._begun.labels(begun)

    def __call__(self, device_ids: Collection[str]) -> Mapping[str, Meter | None]:
        """The stored meters of the machines for which the database answers; None for one that has none yet."""
        meters: dict[str, Meter | None] = {}
        for some, stored in self._asking.ask_about(device_ids, self._caught_up):
            if stored is not None:
                meters |= {device_id: stored.get(device_id) for device_id in some}
        new = sum(meter is None for meter in meters.values())
        self._begun.labels("new").inc(new)
        self._begun.labels("stored").inc(len(meters) - new)
        return meters

    def _caught_up(self, store: Store, device_ids: Collection[str]) -> Mapping[str, Meter]:
        above = [name for name in device_ids if name in self._plant.meters]
        machines = [name for name in device_ids if name not in self._plant.meters]
        meters = dict(store.meters.get(machines)) if machines else {}
        if above:
            meters |= store.meter_states.get(above)
        self._catch_up(store, meters)
        return meters

    def _catch_up(self, store: Store, meters: dict[str, Meter]) -> None:
        """Count the readings since the meters were stored, for machines without a register, as far as time allows."""
        if not store.readings.indexed:
            return
        began, until = self._clock.monotonic(), self._clock.now() + MARGIN
        for device_id, meter in meters.items():
            if self._clock.monotonic() - began > CATCH_UP_SECONDS:
                return
            if meter.register is not None and meter.record.distrust is None and not meter.register.counted_joules:
                continue
            since = datetime.fromtimestamp(meter.at, UTC) + timedelta(milliseconds=1)
            if until - since > LONGEST_CATCH_UP:
                continue
            for reading in store.readings.stream([device_id], since=since, until=until):
                place = self._plant.place(device_id, reading.device_type, reading.line)
                meters[device_id] = step(
                    meters[device_id], reading, self._plant.limits(device_id, place.device_type)
                ).meter
