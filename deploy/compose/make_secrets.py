"""Make the stack's secrets, once: no two plants share a password, and no file of the project holds one.

    python make_secrets.py            make those that are missing, or take yours from the environment
    python make_secrets.py show       say who signs in to Grafana, and who may read the database, with which passwords

Each container sees only the folder (a volume) with the secrets that it needs.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from energytrack.signatures import CommandSigner

HOME: Final = Path("/secrets")
YOURS: Final = {
    "grafana/admin_password": "GRAFANA_ADMIN_PASSWORD",
    "mongo/password": "MONGO_PASSWORD",
    "energytrack/ml_signing_key": "ML_SIGNING_KEY",
    "control/command_signing_key": "COMMAND_SIGNING_KEY",
}
OTHERS: Final = {"grafana/smtp_password": "SMTP_PASSWORD", "control/smtp_password": "SMTP_PASSWORD"}
"""External secrets, empty if they are not given."""
"""Secrets that a plant may want to choose, with their variables."""
RANDOM: Final = (
    "grafana/admin_password",
    "grafana/secret_key",
    "grafana/webhook_token",
    "mongo/root_password",
    "mongo/password",
    "mongo/reader_password",
    "energytrack/ml_signing_key",
    "control/command_signing_key",
)


def make(home: Path, env: Mapping[str, str]) -> list[str]:
    """Write missing or given secrets; returns the names of what was written."""
    written = []
    for name in RANDOM:
        given = env.get(YOURS.get(name, ""))
        if given or not (home / name).exists():
            written += _write(home / name, given or secrets.token_urlsafe(32), home)
    for name, variable in OTHERS.items():
        if env.get(variable) or not (home / name).exists():
            written += _write(home / name, env.get(variable, ""), home)
    password = quote((home / "mongo/password").read_text(encoding="utf-8"), safe="")
    derived = {
        "energytrack/mongo_uri": f"mongodb://energytrack:{password}@mongo:27017/?authSource=energytrack",
        "machines/command_keys": CommandSigner(
            (home / "control/command_signing_key").read_text(encoding="utf-8")
        ).public_key,
        "energytrack/webhook_token": (home / "grafana/webhook_token").read_text(encoding="utf-8"),
    }
    for name, text in derived.items():
        written += _write(home / name, text, home)
    return written


def _write(file: Path, text: str, home: Path) -> list[str]:
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return []
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.chmod(0o444)  # read by other users' ids in other containers; the volume is what keeps it from the rest
    unfinished.replace(file)
    return [str(file.relative_to(home))]


def main(arguments: list[str], env: Mapping[str, str]) -> int:
    """Create them, or show how to sign in."""
    if arguments == ["show"]:
        password = (HOME / "grafana/admin_password").read_text(encoding="utf-8")
        sys.stdout.write(f"user:      admin\npassword:  {password}\n")
        reader = (HOME / "mongo/reader_password").read_text(encoding="utf-8")
        sys.stdout.write(f"\nThe database, to look at (docs/security.md):\nuser:      reader\npassword:  {reader}\n")
        return 0
    for name in make(HOME, env):
        sys.stdout.write(f"created {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
