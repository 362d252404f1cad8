"""Families of plant meters, each in its own unit."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock
from energytrack.machines.power import JOULES_PER_KWH
from energytrack.plant import Plant
from exporters.machines.plant_meters import PlantMeterFleet
from exporters.metrics.families import Family, filled, plain_gauge

LABELS: Final = ("meter", "medium", "unit")
INFO: Final = plain_gauge(
    "energytrack_plant_meter_info", "1 for each plant meter in the plant file.", *LABELS, "parent"
)
USED: Final = Family(
    "energytrack_plant_meter_used_total",
    "counter",
    "What a plant meter counted, in its own unit; media are never added up. Starts at its register.",
    LABELS,
)
LAST_READING: Final = plain_gauge(
    "energytrack_plant_meter_last_reading_timestamp_seconds", "When the meter was last read.", *LABELS
)
TRUSTED: Final = plain_gauge(
    "energytrack_plant_meter_trusted", "1 while its register is trusted, 0 while it is not.", *LABELS
)
PLANT_METERS: Final = (INFO, USED, LAST_READING, TRUSTED)

Samples = dict[tuple[str, ...], float]
"""By the values of the labels."""


class PlantMetersCollector(Collector):
    """Exports the meters at the time of the scrape; a meter that has been silent for long has no values."""

    def __init__(self, plant: Plant, meters: PlantMeterFleet, clock: Clock) -> None:
        self._plant = plant
        self._meters = meters
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Each family with its samples."""
        info: Samples = {
            (key, each.medium, each.measured_in, each.parent or ""): 1.0 for key, each in self._plant.meters.items()
        }
        used: Samples = {}
        last: Samples = {}
        trusted: Samples = {}
        for state in self._meters.present(self._clock.now()):
            key = state.identity.device_id
            each, meter, reading = self._plant.meters[key], state.meter, state.reading
            labels = (key, each.medium, each.measured_in)
            if reading is not None:
                last[labels] = reading.timestamp.timestamp()
            if meter is not None and meter.register is not None:
                if state.resumed:
                    used[labels] = meter.billed / JOULES_PER_KWH
                trusted[labels] = float(meter.record.distrust is None)
        yield filled(INFO, info)
        yield filled(USED, used)
        yield filled(LAST_READING, last)
        yield filled(TRUSTED, trusted)
