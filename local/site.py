"""Where one copy of the stack lives: its folders, its ports, and what was asked of it."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path(__file__).resolve().parent.parent
"""The checkout."""
HOST: Final = "127.0.0.1"
"""Everything listens here and nowhere else."""
MARK: Final = "ENERGYTRACK_SITE"
"""The variable that every process of a site carries, with the site's folder; so left-over processes are found."""


@dataclass(frozen=True)
class Ports:
    """The TCP ports of the stack, each by the name of what listens on it."""

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

    def shifted(self, offset: int) -> Self:
        """The same ports, all moved by `offset`, so that two stacks can share a machine."""
        return replace(self, **{name: port + offset for name, port in self.items()})

    def items(self) -> Iterator[tuple[str, int]]:
        """Name and number of each port."""
        return ((field.name, getattr(self, field.name)) for field in fields(self))


@dataclass(frozen=True)
class Site:
    """One copy of the stack on this machine."""

    root: Path = ROOT
    """The checkout: code and configuration, never written to."""
    var: Path = ROOT / "var"
    """State: data folders, logs, secrets, models."""
    cache: Path = ROOT / "var" / "cache"
    """What is fetched once and shared by every copy of the stack: the broker's jars."""
    ports: Ports = Ports()
    devices: int | None = None
    """The plant scaled to so many devices; None leaves plant.toml as it is."""
    replay: Path | None = None
    """A recording whose devices are played beside the simulated ones."""
    replay_speed: float = 1.0
    mongo_uri: str | None = None
    """A database of the person's own, instead of the one that the stack starts."""
    history_devices: int | None = None
    """How many machines' simulated past the first model learns from; None leaves it to the simulator's profile."""
    history_days: float | None = None
    """How long that past is; likewise."""
    grafana_home: Path | None = None
    """Grafana's folder, where there is one on this machine."""

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
        """Where a service's or a job's output goes."""
        return self.logs / f"{name}.log"
