"""All families of the exporters, by subject: the page renders them, the documentation lists them.

Those of the ledger are on no page: Prometheus reads them (`exporters.ledger.series`).
"""

from typing import Final

from exporters.disk import DISKS
from exporters.ledger.series import FAMILIES as LEDGER
from exporters.metrics.clocks import CLOCKS
from exporters.metrics.devices import DEVICES
from exporters.metrics.energy import ENERGY
from exporters.metrics.families import Column, Family
from exporters.metrics.pipeline import PIPELINE
from exporters.metrics.plant import PLANT
from exporters.metrics.plant_meters import PLANT_METERS
from exporters.metrics.predictions import PREDICTIONS

COLUMNS: Final[tuple[Column, ...]] = (*DEVICES, *ENERGY, *PREDICTIONS)

SUBJECTS: Final[dict[str, tuple[Family, ...]]] = {
    "devices": tuple(column.family for column in DEVICES),
    "energy": tuple(column.family for column in ENERGY),
    "predictions": tuple(column.family for column in PREDICTIONS),
    "plant": PLANT,
    "plant_meters": PLANT_METERS,
    "clocks": CLOCKS,
    "pipeline": PIPELINE,
    "disk": DISKS,
    "ledger": LEDGER,
}
