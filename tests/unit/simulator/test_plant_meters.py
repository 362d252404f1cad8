from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from energytrack.decoding.parsing import parse_reading
from simulator.machines.fleet import build_fleet
from simulator.plant.events import milliseconds
from simulator.plant_meters import EVERY_MS, MeterReadings
from testkit import dates
from testkit.plant_meters import a_plant_with_meters

AT = milliseconds(dates.NOW) // EVERY_MS * EVERY_MS


@pytest.fixture
def meters(tmp_path: Path) -> MeterReadings:
    plant = a_plant_with_meters(tmp_path).scaled(30)
    return MeterReadings(plant, build_fleet(plant, 1))


def shown(meters: MeterReadings, registers: float, at_ms: int) -> dict[str, float]:
    sent = meters.outgoing(np.full(30, registers), at_ms - 1000, at_ms)
    readings = [parse_reading(each.value, dates.NOW + timedelta(hours=2)) for each in sent]
    return {
        each.device_id: each.energy_kwh if each.energy_kwh is not None else each.signals["volume"] or 0.0
        for each in readings
    }


def test_a_main_meter_counts_its_machines_and_what_nothing_meters(meters: MeterReadings) -> None:
    before, after = shown(meters, 1000.0, AT), shown(meters, 1001.0, AT + 3_600_000)
    whole = (after["main"] - before["main"]) * 40.0
    assert 30.0 < whole < 30.0 + 30 * 0.25 * 1.7
    assert whole > after["hall"] - before["hall"]
    assert after["gas"] > before["gas"]


def test_meters_are_read_less_often_than_machines(meters: MeterReadings) -> None:
    assert meters.outgoing(np.zeros(30), AT, AT + 1000) == []
    assert len(meters.outgoing(np.zeros(30), AT - 1000, AT)) == 4
