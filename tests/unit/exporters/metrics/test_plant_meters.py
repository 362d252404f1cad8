from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from energytrack.clock import ManualClock
from exporters.machines.fleet import none_stored
from exporters.machines.plant_meters import PlantMeterFleet
from exporters.metrics.plant_meters import PlantMetersCollector
from exporters.settings import ExportersSettings
from testkit.builders.messages import a_reading
from testkit.dates import NOW
from testkit.plant_meters import a_plant_with_meters
from tests.unit.exporters.machines.test_plant_meters import taken


def test_a_meter_shows_its_register_in_its_own_unit(tmp_path: Path) -> None:
    """Before it has sent anything, it is known and has no value."""
    plant, registry = a_plant_with_meters(tmp_path), CollectorRegistry()
    meters = PlantMeterFleet(plant, ExportersSettings().patience(), none_stored)
    registry.register(PlantMetersCollector(plant, meters, ManualClock(NOW)))
    gas = {"meter": "gas", "medium": "gas", "unit": "m³"}
    used = "energytrack_plant_meter_used_total"
    assert registry.get_sample_value(used, gas) is None
    assert registry.get_sample_value("energytrack_plant_meter_info", {**gas, "parent": ""}) == 1.0
    for minutes, volume in ((0, 100.0), (1, 120.0)):
        at = NOW + timedelta(minutes=minutes - 2)
        meters.fold(taken(a_reading("gas", timestamp=at, energy_kwh=None, signals={"volume": volume})), NOW)
    meters.show()
    assert registry.get_sample_value(used, gas) == 12.0
