"""One instance of the stack: its folders, its ports and its options."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final, Self

from energytrack.centre.settings import CentreSettings

ROOT: Final = Path(__file__).resolve().parent.parent
"""The checkout."""
HOST: Final = "127.0.0.1"
"""Everything listens on this address only."""
MARK: Final = "ENERGYTRACK_SITE"
"""An environment variable of every process of a site, with the site's folder: it identifies left-over processes."""


@dataclass(frozen=True)
class Ports:
    """The TCP ports of the stack, by service."""

    kafka: int = 9092
    kafka_controller: int = 19092
    mongo: int = 27017
    prometheus: int = 9090
    alertmanager: int = 9095
    caddy: int = 8080
    control_api: int = 8000
    grafana: int = 3000
    simulator: int = 9401
    ml_consumer: int = 9402
    historian: int = 9403
    exporters: int = 9404
    retrain: int = 9405
    replay: int = 9406
    disk: int = 9407
    gateway: int = 9408
    mirror_watch: int = 9409
    kafka_2: int = 9192
    kafka_2_controller: int = 19192
    kafka_3: int = 9292
    kafka_3_controller: int = 19292
    exporters_2: int = 9414
    historian_2: int = 9413
    ml_consumer_2: int = 9412

    def shifted(self, offset: int) -> Self:
        """The same ports, all moved by `offset`, so that two stacks can share a computer."""
        return replace(self, **{name: port + offset for name, port in self.items()})

    def items(self) -> Iterator[tuple[str, int]]:
        """Name and number of each port."""
        return ((each.name, getattr(self, each.name)) for each in fields(self))


@dataclass(frozen=True)
class Site:
    """One instance of the stack on this computer."""

    root: Path = ROOT
    """The checkout: code and configuration, never written to."""
    var: Path = ROOT / "var"
    """State: data folders, logs, secrets, models."""
    cache: Path = ROOT / "var" / "cache"
    """Downloads shared by every instance of the stack: the broker's jars."""
    ports: Ports = Ports()
    plant_file: Path = ROOT / "plant.toml"
    """The plant that runs."""
    devices: int | None = None
    """The plant scaled to so many devices; None leaves the plant file as it is."""
    replay: Path | None = None
    """A recording whose devices are played next to the simulated ones."""
    replay_speed: float = 1.0
    mongo_uri: str | None = None
    """A database of the user's own, instead of the one that the stack starts."""
    history_devices: int | None = None
    """Number of machines in the simulated history for the first model; None uses the simulator's profile."""
    brokers: int = 1
    """Of Kafka: one, or three that keep three copies of everything, of which one may be away."""
    replicas: int = 1
    """Of each service that may have more than one: exporters, historian, ml_consumer."""
    plants: tuple[str, ...] = ()
    """The plants that send to this site, by name, if it is a centre and no plant itself."""
    centre: CentreSettings = field(default_factory=CentreSettings)
    """Where this plant sends to, if it is one of several."""
    orders_file: Path | None = None
    """The real machines that carry out orders; with it, the gateway for orders runs beside the other services."""
    kafka_users: bool = True
    """Whether Kafka asks who its clients are. Servers of tests and benchmarks may be open, on loopback."""
    passwords: bool = False
    """Whether Prometheus, Alertmanager and the database have passwords; see `local.services.passwords`."""
    history_days: float | None = None
    """Length of that history; likewise."""
    grafana_home: Path | None = None
    """Grafana's folder, if it is installed."""

    @property
    def kafka_servers(self) -> str:
        """The addresses of its brokers."""
        return ",".join(self.address(getattr(self.ports, name)) for name in self.broker_names)

    @property
    def broker_names(self) -> tuple[str, ...]:
        """The brokers by their names as services and ports."""
        return ("kafka", *(f"kafka_{number}" for number in range(2, self.brokers + 1)))

    def address(self, port: int) -> str:
        """`host:port` of one of this site's ports."""
        return f"{HOST}:{port}"

    def url(self, port: int, path: str = "/") -> str:
        """An address of a page of this site."""
        return f"http://{HOST}:{port}{path}"

    @property
    def logs(self) -> Path:
        """The folder of this run's logs."""
        return self.var / "log"

    def log(self, name: str) -> Path:
        """The log of a service or a job."""
        return self.logs / f"{name}.log"
