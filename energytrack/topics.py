"""The topics: their names, what travels on them, and how they are laid out."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from energytrack import messages
from energytrack.decoded import Parser

READINGS: Final = "factory-sensor-data"
INSIGHTS: Final = "ml-insights"
COMMANDS: Final = "device-commands"
EVENTS: Final = "device-events"
DEAD_LETTERS: Final = "dead-letters"


@dataclass(frozen=True)
class Topic:
    """How one topic is created; every message is keyed by its device_id, so a device keeps its order."""

    name: str
    retention_hours: int
    """How long the broker keeps messages; longer than any stage may be away."""
    max_bytes: int = 1_048_588
    """The largest batch that the broker accepts; the default is the broker's own."""

    def configuration(self) -> dict[str, str]:
        """The topic's settings as Kafka names them."""
        return {"retention.ms": str(self.retention_hours * 3_600_000), "max.message.bytes": str(self.max_bytes)}


TOPICS: Final = (
    Topic(READINGS, retention_hours=72),
    Topic(INSIGHTS, retention_hours=72),
    Topic(COMMANDS, retention_hours=24 * 7),
    Topic(EVENTS, retention_hours=24 * 30),
    Topic(DEAD_LETTERS, retention_hours=24 * 30, max_bytes=2_000_000),  # an oversized message, and its headers
)

PARSERS: Final[Mapping[str, Parser]] = MappingProxyType(
    {
        READINGS: messages.parse_reading,
        INSIGHTS: messages.parse_insight,
        COMMANDS: messages.parse_command,
        EVENTS: messages.parse_event,
    }
)
"""How the value of a message becomes a message, by topic. Nobody parses dead letters."""
