"""All families of the exporters, by subject: the page renders them, the documentation lists them.

Those of the ledger are on no page: Prometheus reads them (`exporters.ledger_series`).
"""

from typing import Final

from exporters.clocks import CLOCKS
from exporters.devices import DEVICES
from exporters.disk import DISKS
from exporters.energy import ENERGY
from exporters.families import Column, Family
from exporters.ledger_series import FAMILIES as LEDGER
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
    "ledger": LEDGER,
}
