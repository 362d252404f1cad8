"""What a service is to the local stack: a command, its ports, what it needs, and how to ask if it is ready."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class KafkaAnswers:
    """Ready when a broker at `servers` answers a metadata request."""

    servers: str


@dataclass(frozen=True)
class MongoAnswers:
    """Ready when the database at `uri` answers a ping."""

    uri: str = field(repr=False)


@dataclass(frozen=True)
class HttpAnswers:
    """Ready when `url` answers with a status below 400."""

    url: str


Question = KafkaAnswers | MongoAnswers | HttpAnswers


@dataclass(frozen=True)
class Service:
    """One process of the stack."""

    name: str
    purpose: str
    """A line for people: what it is there for."""
    command: tuple[str, ...]
    ready: Question
    ports: tuple[str, ...]
    """The ports that it listens on, by their names in `Ports`."""
    needs: tuple[str, ...] = ()
    """The services that are ready before this one is started."""
    env: Mapping[str, str] = field(default_factory=dict)
    """What is added to the environment."""
    stop_seconds: int = 15
    """How long it may take to end after SIGTERM."""
