"""How much of a broker one user may use, as data. The broker delays whoever exceeds it; nothing is lost."""

from typing import Final, NamedTuple

from energytrack.security.rights import ADMIN, READER, RIGHTS


class UserQuota(NamedTuple):
    """What one user may use of each broker, in Kafka's units."""

    bytes_per_second: float
    """Sent, and the same number read."""
    processor_percent: float
    """Of one thread of the broker."""


UNLIMITED: Final = UserQuota(1e15, 1e6)
"""Kafka applies the quota of all users to whoever has none of their own."""
UNLIMITED_USERS: Final = frozenset({ADMIN, *RIGHTS} - {READER})
"""The stack's own services."""
