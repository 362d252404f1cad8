"""Reads the amounts of plant meters, and of everything below each, from the store."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from energytrack.ledger.day import Day
from energytrack.ledger.local_days import dates, midnight, quarter_count
from energytrack.ledger.presence import Presence, presences
from energytrack.plant import Place, Plant
from energytrack.plant_meters.balance import Amounts, MeterDay, added, amounts_of, where_there
from energytrack.plant_meters.tree import MeterTree
from energytrack.store import Store


class PlantMeterReader:
    """Reads the ledger of meters, and that of the machines below them."""

    def __init__(self, store: Store, plant: Plant) -> None:
        self._store = store
        self._plant = plant
        self.tree = MeterTree(plant)

    def days(
        self, first: date, last: date, *, now: datetime, meters: Collection[str] | None = None, compared: bool = True
    ) -> Iterator[MeterDay]:
        """Each meter and day, day by day, from the top of the tree down; raises StoreUnavailable.

        Meters of which nothing is known on a day are left out. Without `compared`, nothing below them is read.
        """
        wanted = self.tree.in_order(meters)
        read = {*wanted, *(child for meter_id in wanted for child in self.tree.children(meter_id))}
        reads_machines = compared and any(self._is_electric(meter_id) for meter_id in wanted)
        there = self._presences(now) if reads_machines else {}
        for day in dates(first, last):
            above = {each.device_id: amounts_of(each) for each in self._store.meter_ledger.days(sorted(read), day, day)}
            if not above.keys() & set(wanted):
                continue
            start, count = midnight(day, self._plant.zone), quarter_count(day, self._plant.zone)
            machines = self._machines(day, there, start, count)
            for meter_id in wanted:
                if meter_id in above:
                    below = self._below(meter_id, above, machines, count) if compared else None
                    yield MeterDay(meter_id, day, start, above[meter_id], below)

    def machines(self, now: datetime, meters: Collection[str] | None = None) -> int:
        """The number of machines to read for one day of some meters, or of all."""
        return len(self._presences(now)) if any(map(self._is_electric, self.tree.in_order(meters))) else 0

    def _is_electric(self, meter_id: str) -> bool:
        return self.tree.meters[meter_id].medium == "electricity"

    def _presences(self, now: datetime) -> Mapping[str, Presence]:
        return presences(self._store.meters.reading_spans(), self._store.machines.retired_at(), now=now)

    def _machines(
        self, day: date, there: Mapping[str, Presence], start: float, count: int
    ) -> Mapping[str, list[Amounts]]:
        """The amounts of the machines directly below each meter on a day."""
        if not there:
            return {}
        known: dict[str, Day] = {each.device_id: each for each in self._store.ledger.days(sorted(there), day, day)}
        places: dict[str, Place] = {}
        for name in there:
            own = known.get(name)
            places[name] = self._plant.place(name) if own is None else Place(own.device_type, own.line)
        return {
            meter_id: [
                where_there(amounts_of(known[name]) if name in known else None, there[name], start, count)
                for name in names
            ]
            for meter_id, names in self.tree.machines(places).items()
        }

    def _below(
        self, meter_id: str, above: Mapping[str, Amounts], machines: Mapping[str, list[Amounts]], count: int
    ) -> Amounts | None:
        parts = [above.get(child, (None,) * count) for child in self.tree.children(meter_id)]
        parts += machines.get(meter_id, [])
        return added(parts, count) if parts else None
