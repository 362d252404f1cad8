"""Make the secrets of the centre of several plants, once (compose.centre.yaml): among them a password for each plant.

python -m deploy.compose.centre_secrets            make those that are missing
python -m deploy.compose.centre_secrets show       say who signs in to Grafana, and what each plant sends with
python -m deploy.compose.centre_secrets authority  print the certificate with which plants check this centre
"""

import os
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from centre.plants import PlantProblem, checked
from deploy.compose.make_secrets import AUTHORITY, BROKER, HOME, INSIDE, certify, write
from energytrack.security.rights import ADMIN

RANDOM: Final = ("grafana/admin_password", "grafana/secret_key", f"kafka/{ADMIN}")
FRONT_DOOR: Final = "front-door/server.pem"


def make(home: Path, env: Mapping[str, str], now: datetime) -> list[str]:
    """Write what is missing, and take back passwords of plants that are no longer named; returns what was written.

    Raises PlantProblem.
    """
    plants = [checked(name) for name in env.get("PLANTS", "").split()]
    written = []
    for name in (*RANDOM, *(f"plants/{plant}" for plant in plants)):
        if not (home / name).exists():
            written += write(home / name, secrets.token_urlsafe(32), home)
    for file in (home / "plants").glob("*"):
        if file.name not in plants:
            file.unlink()
    return written + certify(home, (BROKER, FRONT_DOOR), (*INSIDE, env.get("CENTRE_HOST", "")), now)


def shown(home: Path) -> str:
    """What people need to sign in and to send."""
    lines = ["Grafana:", "user:      admin", f"password:  {_text(home / 'grafana/admin_password')}"]
    for file in sorted((home / "plants").glob("*")):
        lines += ["", f"Plant {file.name}:", f"CENTRE_PLANT={file.name}", f"CENTRE_PASSWORD={_text(file)}"]
    return "\n".join(lines) + "\n"


def main(arguments: list[str], env: Mapping[str, str]) -> int:
    """Create them, or show them."""
    if arguments == ["show"]:
        sys.stdout.write(shown(HOME))
        return 0
    if arguments == ["authority"]:
        sys.stdout.write(_text(HOME / AUTHORITY))
        return 0
    try:
        for name in make(HOME, env, datetime.now(UTC)):
            sys.stdout.write(f"created {name}\n")
    except PlantProblem as problem:
        sys.stderr.write(f"PLANTS: {problem}\n")
        return 1
    return 0


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
