"""Settings: frozen blocks, read once at startup from environment variables; all problems are reported at once."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, Self, TypeVar, overload

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from energytrack.errors import InvalidSettings

Port = Annotated[int, Field(ge=1, le=65535)]
SERVER: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s,:\[\]]+):\d{1,5}")


class Block(BaseModel):
    """A block of settings; the variable of a field is `prefix` + the field's name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
    prefix: ClassVar[str]

    @classmethod
    def variable(cls, field: str) -> str:
        """The name of the environment variable behind a field."""
        return cls.prefix + field.upper()

    @classmethod
    def secrets(cls) -> frozenset[str]:
        """The fields that are masked, and whose values may be in a file."""
        return frozenset(name for name, field in cls.model_fields.items() if "SecretStr" in str(field.annotation))

    @classmethod
    def variables(cls) -> dict[str, str]:
        """Every environment variable of the block, and the field behind it."""
        plain = {cls.variable(name): name for name in cls.model_fields}
        return plain | {f"{cls.variable(name)}_FILE": name for name in cls.secrets()}

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the block; an empty variable counts as not set. Raises InvalidSettings with every problem.

        A secret may be in a file instead: its variable with `_FILE` appended names the file.
        """
        values = {name: env[cls.variable(name)] for name in cls.model_fields if env.get(cls.variable(name))}
        problems = [*_misspelt(cls, env), *_read_files(cls, env, values)]
        try:
            block = cls.model_validate(values)
        except ValidationError as error:
            problems += [_sentence(cls, problem["loc"], problem["msg"], values) for problem in error.errors()]
        else:
            if not problems:
                return block
        raise InvalidSettings(tuple(problems))


A = TypeVar("A", bound=Block)
B = TypeVar("B", bound=Block)
C = TypeVar("C", bound=Block)
D = TypeVar("D", bound=Block)
E = TypeVar("E", bound=Block)
F = TypeVar("F", bound=Block)
G = TypeVar("G", bound=Block)


@overload
def read_all(env: Mapping[str, str], a: type[A], b: type[B], /) -> tuple[A, B]: ...
@overload
def read_all(env: Mapping[str, str], a: type[A], b: type[B], c: type[C], /) -> tuple[A, B, C]: ...
@overload
def read_all(env: Mapping[str, str], a: type[A], b: type[B], c: type[C], d: type[D], /) -> tuple[A, B, C, D]: ...
@overload
def read_all(
    env: Mapping[str, str], a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], /
) -> tuple[A, B, C, D, E]: ...
@overload
def read_all(
    env: Mapping[str, str], a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], f: type[F], /
) -> tuple[A, B, C, D, E, F]: ...
@overload
def read_all(
    env: Mapping[str, str], a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], f: type[F], g: type[G], /
) -> tuple[A, B, C, D, E, F, G]: ...
def read_all(env: Mapping[str, str], *blocks: type[Block]) -> tuple[Block, ...]:
    """The blocks, in the given order, or one InvalidSettings with the problems of all of them."""
    read: list[Block] = []
    problems: list[str] = []
    for block in blocks:
        try:
            read.append(block.from_env(env))
        except InvalidSettings as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidSettings(tuple(dict.fromkeys(problems)))
    return tuple(read)


def _misspelt(block: type[Block], env: Mapping[str, str]) -> Iterator[str]:
    """Unknown variables that look like one of the block's; unrelated ones are ignored."""
    variables = {variable for other in _all_blocks() for variable in other.variables()}
    for name in sorted(env):
        if name.startswith(block.prefix) and name not in variables:
            alike = [variable for variable in block.variables() if variable.count("_") == name.count("_")]
            for meant in get_close_matches(name, alike, n=1, cutoff=0.9):
                yield f"{name}: there is no such setting; did you mean {meant}?"


def _all_blocks() -> Iterator[type[Block]]:
    waiting = [Block]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        yield from subclasses


def _read_files(block: type[Block], env: Mapping[str, str], values: dict[str, str]) -> Iterator[str]:
    """Add the secrets from files to the given values; yields the problems with the files."""
    for name in sorted(block.secrets()):
        variable = f"{block.variable(name)}_FILE"
        file = env.get(variable)
        if not file:
            continue
        try:
            values[name] = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            yield f"{variable}: {error.strerror}: {file}"
        except UnicodeDecodeError:
            yield f"{variable}: not a text in UTF-8: {file}"


def _sentence(block: type[Block], location: tuple[int | str, ...], message: str, values: Mapping[str, str]) -> str:
    field = str(location[0]) if location else ""
    value = "" if field not in values or field in block.secrets() else f", got {values[field]!r}"
    return f"{block.variable(field) if field else block.__name__}: {message.removeprefix('Value error, ')}{value}"


class KafkaSettings(Block):
    """The address of Kafka and the connection to it."""

    prefix: ClassVar[str] = "ENERGYTRACK_KAFKA_"

    servers: str = Field("127.0.0.1:9092", description="Bootstrap addresses, host:port, comma separated")
    client: Literal["kafka-python", "confluent"] = Field(
        "kafka-python", description="Client library; `confluent` needs the extra `energytrack[fast]`"
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="Security of the connection"
    )
    ca_file: Path | None = Field(None, description="Certificate authority for SSL")
    cert_file: Path | None = Field(None, description="Client certificate for SSL, if brokers require one")
    key_file: Path | None = Field(None, description="Key of the client certificate")
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="How users authenticate"
    )
    username: str | None = Field(None, description="User for SASL")
    password: SecretStr | None = Field(None, description="Password for SASL")
    compression: Literal["zstd", "none"] = Field(
        "zstd", description="How sent messages are compressed; all of Kafka's codecs can be read"
    )
    topic_prefix: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=100,
        description="Prefix of every topic and group name, so that several plants can share a broker",
    )
    partitions: int = Field(12, ge=1, le=1000, description="Partitions of each topic when it is created")
    replication: int = Field(1, ge=1, le=9, description="Replicas of each topic when it is created")
    delivery_seconds: float = Field(
        300.0,
        ge=2,
        le=3600,
        description="Without an acknowledgement for this many seconds, a service replaces its producer and sends again",
    )

    @field_validator("servers")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        for server in value.split(","):
            if not SERVER.fullmatch(server.strip()):
                raise ValueError("expected host:port, several separated by commas")
        return value

    @field_validator("username", "password")
    @classmethod
    def _are_there_for_sasl(cls, value: object, others: ValidationInfo) -> object:
        protocol = str(others.data.get("security_protocol", ""))
        if value is None and protocol.startswith("SASL"):
            raise ValueError(f"needed if the security protocol is {protocol}")
        return value


class MongoSettings(Block):
    """The address of the database, and how long it keeps telemetry."""

    prefix: ClassVar[str] = "ENERGYTRACK_MONGO_"

    uri: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:27017"), description="Connection string (may contain a password)"
    )
    database: str = Field("energytrack", description="Database name", min_length=1)
    readings_days: int = Field(90, ge=1, description="Days that readings are kept")
    insights_days: int = Field(90, ge=1, description="Days that insights are kept")
    index_readings: bool = Field(
        True,
        description="Index readings by device and time (docs/decisions/indexes.md explains the consequences of "
        "turning it off)",
    )


class LedgerSettings(Block):
    """How long the energy ledger is kept."""

    prefix: ClassVar[str] = "ENERGYTRACK_LEDGER_"

    years: int = Field(
        5, ge=1, le=100, description="Years that the energy ledger is kept: what every machine used, by quarter hour"
    )


class PlantSettings(Block):
    """The plant file, and how many machines it has."""

    prefix: ClassVar[str] = "ENERGYTRACK_PLANT_"

    file: Path = Field(Path("plant.toml"), description="The plant file")
    devices: int | None = Field(
        None, ge=1, le=100_000, description="Scale the plant file to this many devices, in its own proportions"
    )


class ServiceSettings(Block):
    """The log and the metrics page, which every service has."""

    prefix: ClassVar[str] = "ENERGYTRACK_"

    metrics_host: str = Field("127.0.0.1", description="Address that /metrics, /healthz and /livez listen on")
    metrics_port: Port = Field(9400, description="Port of /metrics, /healthz and /livez")
    patience_seconds: float = Field(
        60.0,
        gt=0,
        description="Seconds without progress after which a service is not ready: /healthz then says what it waits for",
    )
    stuck_seconds: float = Field(
        300.0,
        ge=5,
        description="Seconds after which a main loop that stands still, without waiting for anything, ends its "
        "process with a trace",
    )
    stop_seconds: float = Field(
        10.0, gt=0, description="Seconds that a service may take to end after SIGTERM before it aborts its batch"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Minimum level that is logged")
    log_format: Literal["text", "json"] = Field("text", description="One line per event: for people or for machines")


class DiskSettings(Block):
    """The disks that the stores write to, and how much space is kept free."""

    prefix: ClassVar[str] = "ENERGYTRACK_DISK_"

    folders: str = Field(
        "",
        description="Folders on the disks that this service fills, comma separated; it pauses while one of the disks "
        "is nearly full. By default none are checked",
    )
    reserve: float = Field(
        0.05,
        ge=0,
        le=0.5,
        description="Share of each of these disks that is kept free, so that the stores can shut down cleanly",
    )

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folders, in the given order."""
        return tuple(Path(folder.strip()) for folder in self.folders.split(",") if folder.strip())
