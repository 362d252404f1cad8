from pathlib import Path

from energytrack.bus import Record
from energytrack.consume import Taken
from energytrack.messages import Message
from energytrack.topics import READINGS
from exporters.machines.fleet import none_stored
from exporters.machines.plant_meters import PlantMeterFleet
from exporters.settings import ExportersSettings
from testkit.builders.messages import a_reading, an_event
from testkit.dates import NOW
from testkit.plant_meters import a_plant_with_meters


def taken(*messages: Message) -> list[Taken]:
    return [Taken(Record(READINGS, 0, index, None, b""), message) for index, message in enumerate(messages)]


def test_meters_are_kept_apart_from_machines(tmp_path: Path) -> None:
    meters = PlantMeterFleet(a_plant_with_meters(tmp_path), ExportersSettings().patience(), none_stored)
    left = meters.fold(taken(a_reading("main"), a_reading("cnc-0007"), an_event(device_id="main")), NOW)
    assert [each.message.device_id for each in left] == ["cnc-0007"]
    assert meters.present(NOW) == ()
    meters.show()
    assert [each.identity.device_id for each in meters.present(NOW)] == ["main"]
