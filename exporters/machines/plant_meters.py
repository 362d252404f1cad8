"""Plant meters: a separate fleet, so that no series of machines ever contains one."""

from collections.abc import Sequence
from datetime import datetime

from energytrack.consume import Taken
from energytrack.messages import Reading
from energytrack.plant import Plant
from energytrack.plant_meters.rules import register_only
from exporters.machines.assignment import Partitions
from exporters.machines.fleet import Fleet, RetentionPeriods, Stored
from exporters.machines.state import DeviceState


class PlantMeterFleet:
    """The meters of the plant file that send to this replica."""

    def __init__(self, plant: Plant, patience: RetentionPeriods, stored: Stored) -> None:
        self._plant = plant
        self._fleet = Fleet(plant, patience, stored)

    def fold(self, batch: Sequence[Taken], now: datetime) -> Sequence[Taken]:
        """Fold the readings of meters; returns the messages about machines."""
        meters = self._plant.meters
        if not meters:
            return batch
        readings = [
            Taken(taken.record, register_only(taken.message, meters[taken.message.device_id]))
            for taken in batch
            if isinstance(taken.message, Reading) and taken.message.device_id in meters
        ]
        if readings:
            self._fleet.fold(readings, now)
        return [taken for taken in batch if taken.message.device_id not in meters]

    def show(self) -> None:
        """Publish the folded states for scrapes."""
        self._fleet.show()

    def keep(self, partitions: Partitions) -> None:
        """Drop the meters whose readings now go to another replica."""
        self._fleet.keep(partitions)

    def forget(self, now: datetime) -> None:
        """Drop the meters that have not sent a reading for too long."""
        self._fleet.forget(now)

    def present(self, now: datetime) -> tuple[DeviceState, ...]:
        """The meters that are sending."""
        return self._fleet.snapshot(now).present
