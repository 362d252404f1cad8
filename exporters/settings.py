"""Settings of the exporters."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from energytrack.settings import Block
from exporters.machines.fleet import MOST_UNLISTED, RetentionPeriods


class ExportersSettings(Block):
    """How long the values of a silent device are kept."""

    prefix: ClassVar[str] = "ENERGYTRACK_EXPORTERS_"

    gone_seconds: int = Field(
        600, ge=10, description="Seconds without a reading after which a device's values disappear from /metrics"
    )
    forgotten_seconds: int = Field(
        86_400,
        ge=60,
        description="Seconds without a reading after which the timestamp of a device's last reading disappears too",
    )
    insight_stale_seconds: int = Field(
        120,
        ge=5,
        description="Hide an insight that is older than its device's last reading by more than this many seconds",
    )
    most_unlisted: int = Field(
        MOST_UNLISTED,
        ge=1,
        description="Maximum number of devices that the plant file does not list; further ones are left out, "
        "counted and reported, so that invented names cannot fill the memory of the exporters and of Prometheus",
    )

    def patience(self) -> RetentionPeriods:
        """The settings as time spans."""
        return RetentionPeriods(
            gone=timedelta(seconds=self.gone_seconds),
            forgotten=timedelta(seconds=self.forgotten_seconds),
            insight=timedelta(seconds=self.insight_stale_seconds),
        )
