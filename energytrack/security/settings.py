"""Settings of what a user of Kafka may take from others."""

from typing import ClassVar, Final

from pydantic import Field

from energytrack.security.quotas import UserQuota
from energytrack.settings import Block

BYTES_PER_MACHINE: Final = 4_000
"""Ten readings a second, of 400 bytes each."""
LEAST_BYTES: Final = 2_000_000
"""So that a small plant's gateway, too, sends in minutes what it kept for hours."""
CENTRE_MACHINES: Final = 10_000
"""Machines of a plant, as a centre assumes."""


class QuotaSettings(Block):
    """What a user of Kafka may use who is none of the stack's services: a gateway, a plant at the centre, `reader`."""

    prefix: ClassVar[str] = "ENERGYTRACK_KAFKA_QUOTA_"

    bytes_per_second: int | None = Field(
        None,
        ge=1000,
        description="Bytes that it may send in a second, and as many that it may read, at each broker (4,000 for each "
        "machine of the plant, at least 2 MB; at a centre 40 MB)",
    )
    processor_percent: float = Field(
        50.0, ge=1, le=10_000, description="Percentage of one of the broker's threads that its requests may use"
    )
    connections_per_second: int = Field(
        50, ge=1, le=100_000, description="Connections that one address may open in a second, to any port of the broker"
    )

    def quota(self, machines: int | None = None) -> UserQuota:
        """The quota of each such user, in a plant with that many machines; None at a centre."""
        return UserQuota(self.bytes_per_second or default_bytes(machines), self.processor_percent)


def default_bytes(machines: int | None) -> int:
    """Bytes a second for one gateway: ten times what all machines of the plant send at one reading a second."""
    return max(BYTES_PER_MACHINE * (CENTRE_MACHINES if machines is None else machines), LEAST_BYTES)
