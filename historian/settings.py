"""Settings of the historian."""

from typing import ClassVar

from pydantic import Field

from energytrack.settings import Block


class HistorianSettings(Block):
    """What the historian stores and how often."""

    prefix: ClassVar[str] = "ENERGYTRACK_HISTORIAN_"

    batch: int = Field(5000, ge=1, le=100_000, description="Messages taken and stored at once")
    linger_seconds: float = Field(0.5, ge=0, le=60, description="Seconds to wait for a fuller batch")
    insight_step: float = Field(
        0.02, ge=0, le=1, description="Store an insight when its probability moved by this much; 0 stores all"
    )
    insight_every_seconds: float = Field(60, ge=1, description="Store at least one insight per device in this time")
    device_every_seconds: float = Field(
        5, ge=0, description="Minimum time between two updates of a device's latest state"
    )
    meter_every_seconds: float = Field(
        15, ge=0, description="Minimum time between two updates of a device's stored meter"
    )
    ledger_every_seconds: float = Field(
        60, ge=0, description="Minimum time between two updates of a device's days in the energy ledger"
    )
    recount_after_seconds: float = Field(
        60, ge=0, description="Seconds without a late reading before a device's days are recounted"
    )
    devices_per_second: int = Field(
        100, ge=1, description="Maximum number of updates of latest states per second; changed ones come first"
    )
    forget_after_hours: float = Field(
        24, gt=0, description="Hours without a message after which a device is dropped from memory"
    )
    most_devices: int = Field(
        100_000, ge=1, description="Maximum number of devices kept in memory: those that sent something last"
    )
