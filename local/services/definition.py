"""The local stack as data: services that keep running, and jobs that run once before them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class KafkaAnswers:
    """Ready when a broker at `servers` answers; to its administrator, if the file of a password is given."""

    servers: str
    password_file: Path | None = None


@dataclass(frozen=True)
class MongoAnswers:
    """Ready when the database at `uri` answers a ping."""

    uri: str = field(repr=False)


@dataclass(frozen=True)
class HttpAnswers:
    """Ready when `url` answers with a status below 400; to our own user, if the file of a password is given."""

    url: str
    password_file: Path | None = None


@dataclass(frozen=True)
class ProcessRuns:
    """Ready as soon as it runs, for processes without an address to check."""


Question = KafkaAnswers | MongoAnswers | HttpAnswers | ProcessRuns


@dataclass(frozen=True)
class ServiceDefinition:
    """A process that runs as long as the stack does."""

    name: str
    purpose: str
    """A line for people: what it does."""
    command: tuple[str, ...]
    ready: Question
    ports: tuple[str, ...]
    """The ports that it listens on, by their names in `Ports`."""
    job: str = ""
    """The service of which it is one replica of several; itself if empty. Prometheus finds all of them as one job."""
    needs: tuple[str, ...] = ()
    """The services that must be ready, and the jobs that must be done, before this one is started."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Additional environment variables."""
    secrets: tuple[str, ...] = ()
    """The environment variables for this site's secrets; see `local.services.secrets`."""
    data: str = ""
    """Its data folder in `var/`, if it has one."""
    start_seconds: float = 120
    """How long it may take to answer."""
    stop_seconds: int = 15
    """How long it may take to end after SIGTERM."""


@dataclass(frozen=True)
class Job:
    """A command that runs once, to its end, each time the stack starts."""

    name: str
    purpose: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    start_seconds: float = 120
    """How long it may take."""


Step = ServiceDefinition | Job
