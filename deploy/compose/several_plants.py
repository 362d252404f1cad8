"""Write the settings of Prometheus and MirrorMaker for a plant that sends to a centre (several-plants.yaml).

They are what `./et centre prometheus` and `./et centre mirror` print. They hold no password: both read it from a file.
A mistake in the settings never takes the plant's own Prometheus away: it keeps the file it had, or gets that of a plant
without a centre.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from centre.mirror import place, properties
from centre.series import joined
from energytrack.centre.settings import CentreSettings
from energytrack.errors import EnergyTrackError, InvalidSettings
from energytrack.replacing import replacing
from energytrack.settings import KafkaSettings

MIRROR_PASSWORD: Final = Path("/secrets/mirror/kafka_password")
PROMETHEUS: Final = "prometheus.yml"
AFTERWARDS: Final = (
    "Prometheus goes on as before. Once this is mended:\n"
    "docker compose up -d --force-recreate centre-settings prometheus mirror mirror-watch"
)


@dataclass(frozen=True)
class Folders:
    """Where files are read and written."""

    given: Path = Path("/given")
    """Prometheus' configuration without a centre; `ca.crt`, empty where the centre has no authority of its own."""
    made: Path = Path("/several-plants")


def write(env: Mapping[str, str], folders: Folders) -> list[str]:
    """Write both files; returns the text for people. Raises EnergyTrackError."""
    authority = folders.made / "ca.crt"
    centre = CentreSettings.from_env(dict(env) | _authority(folders.given / "ca.crt", authority))
    if centre.plant is None:
        raise InvalidSettings(("CENTRE_PLANT: needed, as this plant's name at the centre",))
    if centre.password_file is None or not centre.password_file.read_text(encoding="utf-8").strip():
        raise InvalidSettings(("CENTRE_PASSWORD: needed at the first start; the centre shows it",))
    places = {"plant": place(MIRROR_PASSWORD), "centre": place(centre.password_file)}
    mirror = properties(centre, KafkaSettings.from_env(env), places)
    committed = (folders.given / PROMETHEUS).read_text(encoding="utf-8")
    _put(folders.made / PROMETHEUS, joined(committed, centre))
    _put(folders.made / "mirror.properties", mirror)
    return [f"series of {centre.plant} go to {centre.write_url}", f"readings and events go to {centre.kafka_servers}"]


def _authority(given: Path, kept: Path) -> dict[str, str]:
    """The setting for the centre's authority, if it has its own."""
    if given.is_dir():  # which Docker makes where there is nothing to mount
        problem = (
            "CENTRE_CA_FILE: names no file: remove the empty folder that Docker made, and put the file in its place"
        )
        raise InvalidSettings((problem,))
    if not given.is_file() or not given.stat().st_size:
        kept.unlink(missing_ok=True)
        return {}
    shutil.copyfile(given, kept)
    return {"ENERGYTRACK_CENTRE_CA_FILE": str(kept)}


def _keep_prometheus(folders: Folders) -> None:
    """Let the plant's Prometheus start, whatever is wrong with the centre."""
    (folders.made / "rules").mkdir(exist_ok=True)  # where Prometheus' rules are mounted
    if not (folders.made / PROMETHEUS).exists():
        _put(folders.made / PROMETHEUS, (folders.given / PROMETHEUS).read_text(encoding="utf-8"))


def _put(file: Path, text: str) -> None:
    with replacing(file) as new:
        new.write(text.encode())


def main(env: Mapping[str, str], folders: Folders) -> int:
    """Write them, or say what is wrong."""
    _keep_prometheus(folders)
    try:
        for line in write(env, folders):
            sys.stdout.write(f"{line}\n")
    except InvalidSettings as error:
        sys.stderr.write(f"invalid settings:\n{error}\n{AFTERWARDS}\n")
        return 2
    except (EnergyTrackError, OSError) as error:
        sys.stderr.write(f"{error}\n{AFTERWARDS}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ, Folders()))
