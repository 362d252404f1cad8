"""All families of the exporters by subject, for the page and for the documentation."""

from typing import Final

from exporters.clocks import CLOCKS
from exporters.devices import DEVICES
from exporters.disk import DISKS
from exporters.energy import ENERGY
from exporters.families import Column, Family
from exporters.pipeline import PIPELINE
from exporters.plant import PLANT
from exporters.predictions import PREDICTIONS

COLUMNS: Final[tuple[Column, ...]] = (*DEVICES, *ENERGY, *PREDICTIONS)

SUBJECTS: Final[dict[str, tuple[Family, ...]]] = {
    "devices": tuple(column.family for column in DEVICES),
    "energy": tuple(column.family for column in ENERGY),
    "predictions": tuple(column.family for column in PREDICTIONS),
    "plant": PLANT,
    "clocks": CLOCKS,
    "pipeline": PIPELINE,
    "disk": DISKS,
}
