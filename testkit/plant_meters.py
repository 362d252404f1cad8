"""A plant with plant meters, for tests."""

from datetime import date
from pathlib import Path
from typing import Final

from energytrack.plant import Plant, load_plant
from testkit.builders.plants import a_plant_file

SHIPPED: Final = '[meters.main]\n\n[meters.air]\nmedium = "compressed_air"\n'
TREE: Final = """[meters.main]
factor = 40.0

[meters.hall]
parent = "main"
lines = ["machining-a"]

[meters.lights]
parent = "main"

[meters.gas]
medium = "gas"
signal = "volume"
factor = 0.1
"""


def a_plant_with_meters(folder: Path, meters: str = TREE, *changes: tuple[str, str]) -> Plant:
    """The shipped plant with other meters."""
    return load_plant(a_plant_file(folder, (SHIPPED, meters), *changes))


def a_factor(medium: str, kg: float, day: date) -> str:
    """The emission factor of a cubic metre of a medium from a day on, as text of a plant file."""
    head = f'[[tariff.media_emissions]]\nmedium = "{medium}"\nunit = "m³"\n'
    return f"{head}kg_per_unit = {kg}\nvalid_from = {day}\n"
