"""The topics: their names, message types and layout."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from energytrack.decoding import parsing
from energytrack.decoding.decoded import Parser

READINGS: Final = "factory-sensor-data"
INSIGHTS: Final = "ml-insights"
COMMANDS: Final = "device-commands"
EVENTS: Final = "device-events"
DEAD_LETTERS: Final = "dead-letters"


@dataclass(frozen=True)
class Topic:
    """The settings for creating a topic.

    Every message is keyed by its device_id, so the messages of each device stay in order.
    """

    name: str
    retention_hours: int
    """How long the broker keeps messages; longer than the longest expected outage of a stage."""
    max_bytes: int = 1_048_588
    """The largest batch that the broker accepts; the broker's default."""

    def configuration(self) -> dict[str, str]:
        """The topic's settings in Kafka's names."""
        return {"retention.ms": str(self.retention_hours * 3_600_000), "max.message.bytes": str(self.max_bytes)}


TOPICS: Final = (
    Topic(READINGS, retention_hours=72),
    Topic(INSIGHTS, retention_hours=72),
    Topic(COMMANDS, retention_hours=24 * 7),
    Topic(EVENTS, retention_hours=24 * 30),
    Topic(DEAD_LETTERS, retention_hours=24 * 30, max_bytes=2_000_000),  # an oversized message, and its headers
)

DEAD_LETTERS_FILED_BY: Final[Mapping[str, str]] = MappingProxyType(
    {READINGS: "historian", INSIGHTS: "historian", EVENTS: "historian", COMMANDS: "simulator"}
)
"""The stage that files the dead letters of a topic. The others that read it refuse the same messages and count them."""


def files_dead_letters(stage: str, topic: str) -> bool:
    """Whether a stage is the one that files a topic's dead letters, so that each bad message is filed once."""
    return DEAD_LETTERS_FILED_BY.get(topic, stage) == stage


PARSERS: Final[Mapping[str, Parser]] = MappingProxyType(
    {
        READINGS: parsing.parse_reading,
        INSIGHTS: parsing.parse_insight,
        COMMANDS: parsing.parse_command,
        EVENTS: parsing.parse_event,
    }
)
"""The parser for each topic. Dead letters are not parsed."""
