"""Compares each machine's energy in the ledger with the move of its register: both must be equal."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from typing import Final, NamedTuple

from energytrack.settings import MongoSettings
from energytrack.store.open import open_store
from local.services.mongo import mongo_uri
from local.site import Site
from testkit.stack.facts import database, plant_meters, registers

KWH: Final = 1e-6
"""A thousandth of the finest register's step."""


class MachineBalance(NamedTuple):
    """Energy of one machine, in kWh."""

    counted: float
    """The energy in quarter hours of the ledger, including suspect energy."""
    summed: float
    """The energy in the sums of months."""
    moved: float
    """The last register minus the first."""

    @property
    def is_even(self) -> bool:
        return abs(self.counted - self.moved) < KWH and abs(self.summed - self.moved) < KWH


def balances(site: Site) -> Mapping[str, MachineBalance]:
    """The balances of all machines with readings, and of plant meters by their own ledger."""
    read = registers(site)
    above = plant_meters(site)
    with database(site) as client:
        dates = client["energytrack"]["ledger"].distinct("date")
    counted: dict[str, float] = defaultdict(float)
    summed: dict[str, float] = defaultdict(float)
    with closing(open_store(MongoSettings(uri=mongo_uri(site)))) as store:
        days = [date.fromisoformat(text) for text in dates]
        for device_id in read:
            own = store.of_meters() if device_id in above else store
            for day in days:
                day_stored = own.ledger.day(device_id, day)
                if day_stored is not None:
                    sums = day_stored.sums()
                    counted[device_id] += sums.counted_kwh + sums.suspect_kwh
            for month in {(day.year, day.month) for day in days}:
                for each_day in own.rollups.days_of_month(device_id, *month):
                    summed[device_id] += each_day.sums.counted_kwh + each_day.sums.suspect_kwh
    return {name: MachineBalance(counted[name], summed[name], filed[-1] - filed[0]) for name, filed in read.items()}
