"""Settings: frozen blocks, read once, at the edge, from a mapping of environment variables, all problems at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from energytrack.errors import InvalidSettings

SERVERS_PATTERN = r"^\s*[^\s,:]+:\d{1,5}(\s*,\s*[^\s,:]+:\d{1,5})*\s*$"
Port = Annotated[int, Field(ge=1, le=65535)]


class Block(BaseModel):
    """A block of settings; the variable of a field is `prefix` + the field's name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
    prefix: ClassVar[str]

    @classmethod
    def variable(cls, field: str) -> str:
        """The name of the environment variable behind a field."""
        return cls.prefix + field.upper()

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the block; an empty variable counts as not set. Raises InvalidSettings with every problem.

        A secret may stand in a file instead: its variable with `_FILE` after it names the file.
        """
        given = {name: env[cls.variable(name)] for name in cls.model_fields if env.get(cls.variable(name))}
        given.update(_from_files(cls, env))
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = (_sentence(cls, problem["loc"], problem["msg"], given) for problem in error.errors())
            raise InvalidSettings(tuple(problems)) from error


def read_all(env: Mapping[str, str], *blocks: type[Block]) -> list[Block]:
    """Read several blocks and raise one InvalidSettings with the problems of all of them."""
    read: list[Block] = []
    problems: list[str] = []
    for block in blocks:
        try:
            read.append(block.from_env(env))
        except InvalidSettings as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidSettings(tuple(problems))
    return read


def _from_files(block: type[Block], env: Mapping[str, str]) -> dict[str, str]:
    named = {name: env.get(f"{block.variable(name)}_FILE") for name in block.model_fields if _is_secret(block, name)}
    texts: dict[str, str] = {}
    problems: list[str] = []
    for name, file in named.items():
        if file:
            try:
                texts[name] = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                problems.append(f"{block.variable(name)}_FILE: {error.strerror}: {file}")
    if problems:
        raise InvalidSettings(tuple(problems))
    return texts


def _is_secret(block: type[Block], field: str) -> bool:
    return "SecretStr" in str(block.model_fields[field].annotation)


def _sentence(block: type[Block], location: tuple[int | str, ...], message: str, given: Mapping[str, str]) -> str:
    field = str(location[0]) if location else ""
    secret = field in block.model_fields and _is_secret(block, field)
    value = "" if field not in given or secret else f", got {given[field]!r}"
    return f"{block.variable(field) if field else block.__name__}: {message}{value}"


class KafkaSettings(Block):
    """Where Kafka is and how to talk to it."""

    prefix: ClassVar[str] = "ENERGYTRACK_KAFKA_"

    servers: Annotated[str, Field(pattern=SERVERS_PATTERN)] = Field(
        "127.0.0.1:9092", description="Bootstrap addresses, host:port, comma separated"
    )
    client: Literal["kafka-python", "confluent"] = Field(
        "kafka-python", description="Client library; `confluent` needs the extra `energytrack[fast]`"
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How the connection is secured"
    )
    ca_file: Path | None = Field(None, description="Certificate authority for SSL")
    cert_file: Path | None = Field(None, description="Client certificate for SSL, where brokers ask for one")
    key_file: Path | None = Field(None, description="Key of the client certificate")
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="How a user proves who it is"
    )
    username: str | None = Field(None, description="User for SASL")
    password: SecretStr | None = Field(None, description="Password for SASL")
    topic_prefix: str = Field(
        "", description="Put before every topic and group name, so that several plants can share a broker"
    )
    partitions: int = Field(12, ge=1, le=1000, description="Partitions of each topic when it is created")
    replication: int = Field(1, ge=1, le=9, description="Replicas of each topic when it is created")


class MongoSettings(Block):
    """Where the database is and how long it keeps telemetry."""

    prefix: ClassVar[str] = "ENERGYTRACK_MONGO_"

    uri: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:27017"), description="Connection string (it may hold a password)"
    )
    database: str = Field("energytrack", description="Database name", min_length=1)
    readings_days: int = Field(90, ge=1, description="Days that readings are kept")
    insights_days: int = Field(90, ge=1, description="Days that insights are kept")
    index_readings: bool = Field(
        True, description="Index readings by device and time (docs/decisions/indexes.md says what that costs)"
    )


class PlantSettings(Block):
    """Which plant this is."""

    prefix: ClassVar[str] = "ENERGYTRACK_PLANT_"

    file: Path = Field(Path("plant.toml"), description="The plant file")
    devices: int | None = Field(
        None, ge=1, le=100_000, description="Scale the plant file to this many devices, in its own proportions"
    )


class ServiceSettings(Block):
    """What every service has: a log and a page of metrics."""

    prefix: ClassVar[str] = "ENERGYTRACK_"

    metrics_host: str = Field("127.0.0.1", description="Address that /metrics and /healthz listen on")
    metrics_port: Port = Field(9400, description="Port of /metrics and /healthz")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")
    log_format: Literal["text", "json"] = Field("text", description="One line per event: for people or for machines")
