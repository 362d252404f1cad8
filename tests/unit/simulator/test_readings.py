"""Readings as they travel."""

import numpy as np
from msgspec.structs import replace

from energytrack.decoding.parsing import parse_reading
from energytrack.messages import Reading
from simulator.plant.factory import Tick
from simulator.readings import readings
from testkit.builders.plants import MONDAY, a_factory, last, opened, ticks

FACTORY = a_factory(12)
TICK = last(ticks(FACTORY, opened(FACTORY, MONDAY), 5))
AT_MS = TICK.state.at_ms


def sent(tick: Tick = TICK, which: slice = slice(None), at_ms: int = AT_MS) -> list[Reading]:
    return [parse_reading(made.value, MONDAY) for made in readings(FACTORY.fleet, tick, which=which, at_ms=at_ms)]


def test_each_machine_sends_what_its_sensors_show() -> None:
    for row, reading in enumerate(sent()):
        device = FACTORY.fleet.devices[row]
        assert (reading.device_id, reading.device_type, reading.line) == (
            device.device_id, device.device_type, device.line,
        )  # fmt: skip
        assert [reading.temperature, reading.pressure, reading.current] == TICK.values[:3, row].tolist()


def test_a_phase_sends_its_own_machines_at_its_own_moment() -> None:
    some = sent(which=slice(1, None, 4), at_ms=AT_MS + 250)
    assert [reading.device_id for reading in some] == [d.device_id for d in FACTORY.fleet.devices[1::4]]
    assert {round(reading.timestamp.timestamp() * 1000) for reading in some} == {AT_MS + 250}


def test_a_lost_sensor_has_no_value() -> None:
    """Not zero, and not NaN, which no JSON has."""
    values = TICK.values.copy()
    values[0, 2] = np.nan
    reading = sent(replace(TICK, values=values))[2]
    assert reading.temperature is None
    assert reading.pressure is not None


def test_a_meter_shows_whole_watt_hours_that_were_used() -> None:
    """Rounded up it would show energy that nobody has used yet."""
    energy = np.full(12, 48211.3379)
    machines = replace(TICK.state.machines, energy_kwh=energy)
    tick = replace(TICK, state=replace(TICK.state, machines=machines))
    assert {reading.energy_kwh for reading in sent(tick)} == {48211.337}
