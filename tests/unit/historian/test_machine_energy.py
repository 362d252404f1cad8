from datetime import date, timedelta

from energytrack.ledger.counting import DayCount, DayPrices, empty_day
from energytrack.plant import Place
from historian.machine_energy import MachineEnergy
from testkit import dates
from testkit.builders import a_reading
from testkit.exporters.devices import PLANT

PRICES = DayPrices(PLANT)


def fresh(machine: MachineEnergy, day: date, _stored: bool) -> DayCount:
    return DayCount(empty_day(machine.device_id, day, Place(), PLANT.zone, PRICES.of(day)))


def test_the_meter_is_kept_as_it_was_when_a_day_began() -> None:
    machine = MachineEnergy("cnc-0007", PLANT, None, fresh)
    start = dates.at_plant("mon", "23:59")
    limits = PLANT.limits("cnc-0007", "cnc_machine")
    first = machine.take(a_reading(timestamp=start), limits).meter
    machine.take(a_reading(timestamp=start + timedelta(minutes=1)), limits)
    assert machine.openings == {dates.MONDAY: None, dates.MONDAY + timedelta(days=1): first}
