"""The options of the stack, stored for `status`, `logs` and `down`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from energytrack.centre.settings import CentreSettings
from gateway.settings import GatewaySettings
from local.install.programs import find_grafana
from local.settings import LocalSettings
from local.site import ROOT, Ports, Site

OPTIONS_FILE: Final = "options.json"
OPTIONS_FILE_OF_0_1: Final = "wishes.json"
"""The name in release 0.1; `down` must find a stack that it started."""


class StackOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """How this stack differs from the default."""

    port_offset: int = 0
    devices: int | None = None
    replay: str | None = None
    """Folder of a recording, absolute."""
    replay_speed: float = 1.0
    brokers: int = 1
    replicas: int = 1
    passwords: bool = False
    """Whether its servers have passwords."""
    plants: tuple[str, ...] = ()
    """The plants that send to it, if this is a centre."""
    orders_file: str | None = None
    """The real machines that carry out orders, absolute."""
    grafana_home: str | None = None
    """Grafana's folder at the start: `status` and `logs` know the Grafana that runs without GRAFANA_HOME."""


def site_of(options: StackOptions, env: Mapping[str, str]) -> Site:
    """The site of these options on this computer and in this environment; raises InvalidSettings."""
    settings = LocalSettings.from_env(env)
    return Site(
        var=state_folder(env),
        ports=Ports().shifted(options.port_offset),
        plant_file=Path(env.get("ENERGYTRACK_PLANT_FILE") or ROOT / "plant.toml").resolve(),
        devices=options.devices,
        replay=Path(options.replay) if options.replay else None,
        replay_speed=options.replay_speed,
        brokers=options.brokers,
        replicas=options.replicas,
        passwords=options.passwords,
        plants=options.plants,
        centre=CentreSettings.from_env(env),
        orders_file=Path(options.orders_file) if options.orders_file else None,
        mongo_uri=env.get("ENERGYTRACK_MONGO_URI") or None,
        history_devices=settings.history_devices,
        history_days=settings.history_days,
        grafana_home=find_grafana(env.get("GRAFANA_HOME") or options.grafana_home),
    )


def grafana_here(env: Mapping[str, str]) -> str | None:
    """The folder of an installed Grafana, for `StackOptions`."""
    home = find_grafana(env.get("GRAFANA_HOME"))
    return str(home) if home else None


def orders_file_here(env: Mapping[str, str]) -> str | None:
    """The list of machines that carry out orders, for `StackOptions`; None if no list is named."""
    named = env.get(GatewaySettings.variable("orders_file"))
    return str(Path(named).resolve()) if named else None


def state_folder(env: Mapping[str, str]) -> Path:
    """The folder with all state of a site, absolute."""
    return (ROOT / LocalSettings.from_env(env).var).resolve()


def save_options(options: StackOptions, var: Path) -> None:
    """Store them for the next command."""
    var.mkdir(parents=True, exist_ok=True)
    (var / OPTIONS_FILE).write_bytes(msgspec.json.encode(options))


def saved_options(var: Path) -> StackOptions:
    """The options of the last start; the defaults if unknown."""
    try:
        kept = var / OPTIONS_FILE
        file = kept if kept.exists() else var / OPTIONS_FILE_OF_0_1
        return msgspec.json.decode(file.read_bytes(), type=StackOptions)
    except (OSError, msgspec.DecodeError):
        return StackOptions()
