from pathlib import Path

import pytest

from energytrack.plant import Place, Plant
from energytrack.plant_meters.tree import MeterTree
from testkit.plant_meters import a_plant_with_meters


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    return a_plant_with_meters(tmp_path)


def test_a_machine_hangs_under_the_meter_that_names_it_most_exactly(plant: Plant) -> None:
    tree = MeterTree(plant)
    places = {"cnc-0001": Place("cnc_machine", "machining-a"), "press-0001": Place("press", "press-shop")}
    assert tree.machines(places) == {"hall": ("cnc-0001",), "main": ("press-0001",)}


def test_meters_come_from_the_top_down(plant: Plant) -> None:
    tree = MeterTree(plant)
    assert tree.in_order() == ("main", "hall", "lights", "gas")
    assert tree.in_order(["hall"]) == ("hall",)
    assert tree.children("main") == ("hall", "lights")


def test_without_a_meter_of_the_plant_other_machines_hang_under_none(tmp_path: Path) -> None:
    tree = MeterTree(a_plant_with_meters(tmp_path, '[meters.hall]\nlines = ["machining-a"]\n'))
    assert tree.meter_of("press-0001", Place("press", "press-shop")) is None
