"""A plant answers what services ask about its machines, people and prices."""

from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from energytrack.plant import Plant, load_plant
from testkit.builders.plants import a_plant_file
from testkit.dates import at_plant, first_monday

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def plant() -> Plant:
    return load_plant(ROOT / "plant.toml")


def test_the_example_plant_has_300_machines_of_five_types(plant: Plant) -> None:
    """On several lines, each with an id of its own."""
    assert len({device.device_id for device in plant.devices}) == 300
    assert {device.device_type for device in plant.devices} == {
        "cnc_machine", "robotic_arm", "press", "drill", "conveyor_belt",
    }  # fmt: skip
    assert {device.line for device in plant.devices} == set(plant.lines)


def test_a_device_is_found_by_its_id(plant: Plant) -> None:
    """One that the file does not know is None: plants grow."""
    device = plant.device("cnc-0007")
    assert device is not None
    assert (device.device_type, device.line) == ("cnc_machine", "machining-a")
    assert plant.device("cnc-9999") is None
    assert plant.rating("cnc_machine") is not None
    assert plant.rating("toaster") is None


def test_ids_stay_with_their_machines_from_start_to_start(plant: Plant) -> None:
    """The same file makes the same plant."""
    assert load_plant(ROOT / "plant.toml").devices == plant.devices


@pytest.mark.parametrize("count", [1, 7, 60, 300, 1000, 10_000])
def test_a_scaled_plant_keeps_its_proportions(plant: Plant, count: int) -> None:
    """Every type on every line has its share, within one machine."""
    scaled = plant.scaled(count)
    assert len({device.device_id for device in scaled.devices}) == count
    before = Counter((device.line, device.device_type) for device in plant.devices)
    after = Counter((device.line, device.device_type) for device in scaled.devices)
    assert all(abs(after[group] - share * count / 300) <= 1 for group, share in before.items())


def test_listed_devices_stand_beside_counted_ones(tmp_path: Path) -> None:
    """A number that a listed device has is not given a second time."""
    listed = '\n[[devices]]\ndevice_id = "cnc-0002"\ndevice_type = "cnc_machine"\nline = "assembly"\nage_years = 1.5\n'
    path = a_plant_file(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + listed, encoding="utf-8")
    plant = load_plant(path)
    assert len({device.device_id for device in plant.devices}) == len(plant.devices) == 301
    found = plant.device("cnc-0002")
    assert found is not None
    assert found.line == "assembly"


def test_people_are_at_work_in_their_shifts(plant: Plant) -> None:
    """Times are aware; the plant's own zone decides."""
    assert plant.in_shift("machining-a", at_plant("mon", "06:30"))
    assert not plant.in_shift("machining-a", at_plant("mon", "05:30"))
    assert not plant.in_shift("machining-a", at_plant("mon", "09:05"))  # breakfast
    assert plant.in_shift("machining-b", at_plant("mon", "23:30"))  # the night shift
    assert not plant.in_shift("machining-a", at_plant("sat", "11:00"))


def band_name(plant: Plant, at: datetime) -> str | None:
    band = plant.band(at)
    return band.name if band else None


def test_energy_has_the_price_of_its_hour(plant: Plant) -> None:
    """The same instant of UTC is another hour of the tariff in summer."""
    assert band_name(plant, at_plant("mon", "07:30")) == "peak"
    assert band_name(plant, at_plant("tue", "00:00")) == "night"
    late = time(20, 30, tzinfo=UTC)
    assert band_name(plant, datetime.combine(first_monday(7), late)) == "night"  # 22:30 in Berlin
    assert band_name(plant, datetime.combine(first_monday(12), late)) == "standard"  # 21:30
