"""What a person asked of the stack; remembered, so that `status`, `logs` and `down` mean the same stack."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from local.programs import find_grafana
from local.settings import LocalSettings
from local.site import ROOT, Ports, Site


class Wishes(msgspec.Struct, frozen=True, omit_defaults=True):
    """How this stack differs from the usual one."""

    port_offset: int = 0
    devices: int | None = None
    replay: str | None = None
    """Folder of a recording, absolute."""
    replay_speed: float = 1.0


def site_of(wishes: Wishes, env: Mapping[str, str]) -> Site:
    """The site that these wishes make of this machine and environment; raises InvalidSettings."""
    settings = LocalSettings.from_env(env)
    return Site(
        var=state_folder(env),
        ports=Ports().shifted(wishes.port_offset),
        devices=wishes.devices,
        replay=Path(wishes.replay) if wishes.replay else None,
        replay_speed=wishes.replay_speed,
        mongo_uri=env.get("ENERGYTRACK_MONGO_URI") or None,
        history_devices=settings.history_devices,
        history_days=settings.history_days,
        grafana_home=find_grafana(env.get("GRAFANA_HOME")),
    )


def state_folder(env: Mapping[str, str]) -> Path:
    """The folder that everything of a site is kept in, absolute."""
    return (ROOT / LocalSettings.from_env(env).var).resolve()


def remember(wishes: Wishes, var: Path) -> None:
    """Keep them for the next verb."""
    var.mkdir(parents=True, exist_ok=True)
    (var / "wishes.json").write_bytes(msgspec.json.encode(wishes))


def recall(var: Path) -> Wishes:
    """What was asked for when the stack was last started; the usual where that is not known."""
    try:
        return msgspec.json.decode((var / "wishes.json").read_bytes(), type=Wishes)
    except (OSError, msgspec.DecodeError):
        return Wishes()
