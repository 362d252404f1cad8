"""Settings of the local stack."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from energytrack.settings import Block


class LocalSettings(Block):
    """Where the machine-local stack keeps its state and which ports it takes."""

    prefix: ClassVar[str] = "ENERGYTRACK_"

    var: Path = Field(Path("var"), description="Folder of the local stack's state: data, logs, secrets, models")
    port_offset: int = Field(
        0, ge=0, le=40_000, description="Added to every port of the local stack, so that two can share a machine"
    )
    history_devices: int = Field(60, ge=5, description="Machines whose simulated past the first model learns from")
    history_days: float = Field(60, gt=0, description="Days of that past")
