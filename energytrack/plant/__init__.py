"""The plant: lines, devices, ratings, shifts and tariff, read from one TOML file."""

from energytrack.plant.file import Device, Line
from energytrack.plant.loading import load_plant
from energytrack.plant.plant import Place, Plant

__all__ = ["Device", "Line", "Place", "Plant", "load_plant"]
