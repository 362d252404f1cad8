from datetime import date, timedelta
from pathlib import Path

import pytest

from energytrack.ledger.counting import DayCount, empty_day
from energytrack.ledger.day_prices import DayPrices
from energytrack.plant import Place, load_plant
from energytrack.production.counters import NOTHING_READ, Counters
from energytrack.production.spells import StateMark
from historian.ledger.machine_energy import MachineEnergy
from testkit import dates
from testkit.builders.messages import NOW, a_reading
from testkit.builders.plants import a_plant_file
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
    tuesday = dates.MONDAY + timedelta(days=1)
    assert machine.openings == {
        dates.MONDAY: (None, NOTHING_READ),
        tuesday: (first, Counters(state=StateMark(start.timestamp(), "running"))),
    }
    assert machine.since == start.timestamp()


def test_parts_are_counted_in_the_quarter_hour_that_ends_with_their_reading() -> None:
    """By the counter `parts`, or by the signal that the plant file names."""
    start = dates.at_plant("mon", "10:00")
    limits = PLANT.limits("cnc-0007", "cnc_machine")
    machine = MachineEnergy("cnc-0007", PLANT, None, fresh)
    for minutes in (0, 15, 16):
        machine.take(a_reading(timestamp=start + timedelta(minutes=minutes), parts=100.0 + minutes), limits)
    (day,) = machine.days
    assert (day.day().parts or ())[39:43] == (None, 15.0, 1.0, None)
    assert day.day().quarter(40).parts == 15.0


def test_a_signal_that_the_plant_file_names_counts_parts(tmp_path: Path) -> None:
    entry = """[[devices]]
device_id = "press-0900"
device_type = "press"
line = "press-shop"
parts_signal = "strokes"
"""
    plant = load_plant(a_plant_file(tmp_path, ("# [states]", entry + "\n# [states]")))
    machine = MachineEnergy("press-0900", plant, None, fresh)
    for minutes, strokes in ((1, 10.0), (2, 14.0), (3, None)):
        signals = {"strokes": strokes}
        reading = a_reading("press-0900", timestamp=NOW + timedelta(minutes=minutes), parts=1.0, signals=signals)
        machine.take(reading, plant.limits("press-0900", "press"))
    (day,) = machine.days
    assert day.day().sums().known_parts == 4.0


def test_energy_per_part_over_a_gap_is_of_the_quarter_hours_that_know_both() -> None:
    """Two hours with 60 parts and 6 kWh each, the second in one gap: with a register as well, both hours are known."""
    start = dates.at_plant("mon", "10:00")
    limits = PLANT.limits("cnc-0007", "cnc_machine")
    whole, blind = (MachineEnergy("cnc-0007", PLANT, None, fresh) for _ in range(2))
    for minutes in (*range(61), 120):
        at, made = start + timedelta(minutes=minutes), 100.0 + minutes
        whole.take(a_reading(timestamp=at, parts=made, energy_kwh=1000.0 + minutes / 10.0), limits)
        blind.take(a_reading(timestamp=at, parts=made, energy_kwh=None), limits)
    (day,), (known_in_part,) = ([each.day() for each in machine.days] for machine in (whole, blind))
    assert (day.parts or ())[44:48] == (15.0, 15.0, 15.0, 15.0)
    assert day.sums().kwh_per_part == pytest.approx(12.0 / 120.0)
    sums = known_in_part.sums()
    assert (sums.parts, sums.metered_parts) == (120.0, 60.0)
    assert sums.kwh_per_part == pytest.approx(sums.counted_kwh / 60.0)
