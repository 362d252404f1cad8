"""Meters that an exporter takes up, from a real database: its counters go on where another's stopped."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from energytrack.messages import Reading
from energytrack.metering.step import step
from energytrack.metering.values import Meter
from energytrack.plant import load_plant
from energytrack.store import Store
from exporters.machines.meters import StoredMeters
from exporters.machines.store_queries import StoreQueries
from testkit.builders.messages import NOW, a_reading

PLANT = load_plant(Path(__file__).parents[4] / "plant.toml")
SECOND = timedelta(seconds=1)


def counted(readings: Sequence[Reading]) -> Meter:
    meter: Meter | None = None
    for reading in readings:
        meter = step(meter, reading, PLANT.limits(reading.device_id, "cnc_machine")).meter
    assert meter is not None
    return meter


def taken_up(store: Store, now: timedelta) -> Meter:
    clock = ManualClock(NOW + now)
    meter = StoredMeters(StoreQueries(store, clock), PLANT, clock, CollectorRegistry())(["cnc-0007"])["cnc-0007"]
    assert meter is not None
    return meter


def test_energy_from_current_goes_on_with_the_readings_since_the_meter_was_stored(store: Store) -> None:
    """No counter shows less than that of the exporter before."""
    readings = [a_reading(timestamp=NOW + n * SECOND, current=float(n % 7)) for n in range(20)]
    store.readings.put(readings)
    store.meters.put([("cnc-0007", counted(readings[:5]))])
    assert taken_up(store, 20 * SECOND) == counted(readings)


def test_a_register_needs_no_readings(store: Store) -> None:
    """It brings what was used since."""
    readings = [a_reading(timestamp=NOW + n * SECOND, energy_kwh=100.0 + 0.002 * n) for n in range(20)]
    store.readings.put(readings)
    store.meters.put([("cnc-0007", counted(readings[:5]))])
    assert taken_up(store, 20 * SECOND) == counted(readings[:5])


def test_a_machine_that_was_silent_for_long_goes_on_from_its_meter(store: Store) -> None:
    readings = [a_reading(timestamp=NOW + n * SECOND) for n in range(5)]
    store.readings.put(readings)
    store.meters.put([("cnc-0007", counted(readings[:3]))])
    assert taken_up(store, timedelta(hours=2)) == counted(readings[:3])
