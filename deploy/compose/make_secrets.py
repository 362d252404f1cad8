"""Make the stack's secrets, once: no two plants share a password, and no file of the project holds one.

    python make_secrets.py            make those that are missing, or take yours from the environment
    python make_secrets.py show       say who signs in to Grafana, and who may read the database and Kafka
    python make_secrets.py authority  print the certificate with which gateways check the broker

Each container sees only the folder (a volume) with the secrets that it needs.
"""

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from deploy.compose.certificates import KeyPair, is_fit, make_authority, make_broker
from energytrack.security.rights import ADMIN, READER, RIGHTS
from energytrack.security.signatures import CommandSigner

HOME: Final = Path("/secrets")
YOURS: Final = {
    "grafana/admin_password": "GRAFANA_ADMIN_PASSWORD",
    "mongo/password": "MONGO_PASSWORD",
    "energytrack/ml_signing_key": "ML_SIGNING_KEY",
    "control/command_signing_key": "COMMAND_SIGNING_KEY",
}
"""Secrets that a plant may want to choose, with their variables."""
OTHERS: Final = {
    "grafana/smtp_password": "SMTP_PASSWORD",
    "control/smtp_password": "SMTP_PASSWORD",
    "centre/password": "CENTRE_PASSWORD",
}
"""External secrets, empty if they are not given."""
RANDOM: Final = (
    "grafana/admin_password",
    "grafana/secret_key",
    "grafana/webhook_token",
    "mongo/root_password",
    "mongo/password",
    "mongo/reader_password",
    "energytrack/ml_signing_key",
    "control/command_signing_key",
    f"kafka/{ADMIN}",
    *(f"kafka-users/{user}" for user in RIGHTS),
)
KAFKA_FOLDERS: Final = {
    "control-api": "control",
    "exporters": "exporters",
    "gateway": "gateway",
    "historian": "historian",
    "mirror": "mirror",
    "ml-consumer": "ml-consumer",
    "simulator": "machines",
    "telegraf": "telegraf",
}
"""Users of Kafka that are containers, and the folder where each finds its own password."""
AUTHORITY: Final = "authority/authority.pem"
AUTHORITY_KEY: Final = "authority/authority.key"
BROKER: Final = "kafka/server.pem"
"""The broker's key and certificates, as it reads them."""
INSIDE: Final = ("kafka", "localhost", "127.0.0.1")


def make(home: Path, env: Mapping[str, str], now: datetime) -> list[str]:
    """Write missing or given secrets; returns the names of what was written."""
    written = []
    for name in RANDOM:
        given = env.get(YOURS.get(name, ""))
        if given or not (home / name).exists():
            written += write(home / name, given or secrets.token_urlsafe(32), home)
    for name, variable in OTHERS.items():
        if env.get(variable) or not (home / name).exists():
            written += write(home / name, env.get(variable, ""), home)
    password = quote((home / "mongo/password").read_text(encoding="utf-8"), safe="")
    public_key = CommandSigner((home / "control/command_signing_key").read_text(encoding="utf-8")).public_key
    derived = {
        "energytrack/mongo_uri": f"mongodb://energytrack:{password}@mongo:27017/?authSource=energytrack",
        "machines/command_keys": public_key,
        "gateway/command_keys": public_key,
        "energytrack/webhook_token": (home / "grafana/webhook_token").read_text(encoding="utf-8"),
    }
    for user, folder in KAFKA_FOLDERS.items():
        derived[f"{folder}/kafka_password"] = (home / "kafka-users" / user).read_text(encoding="utf-8")
    for name, text in derived.items():
        written += write(home / name, text, home)
    return written + certify(home, (BROKER,), (*INSIDE, env.get("KAFKA_PUBLIC_HOST", "")), now)


def certify(home: Path, files: Sequence[str], hosts: Sequence[str], now: datetime) -> list[str]:
    """Make the authority, once, and servers' certificates for these hosts: also when they change or one ends soon."""
    written = []
    if not (home / AUTHORITY_KEY).exists():
        made = make_authority(now)
        written += write(home / AUTHORITY, made.certificate, home) + write(home / AUTHORITY_KEY, made.key, home)
    authority = KeyPair(*((home / name).read_text(encoding="utf-8") for name in (AUTHORITY, AUTHORITY_KEY)))
    names = [host for host in dict.fromkeys(hosts) if host]
    for kept in (home / file for file in files):
        if not kept.exists() or not is_fit(kept.read_text(encoding="utf-8"), authority, names, now):
            server = make_broker(authority, names, now)
            written += write(kept, server.key + server.certificate + authority.certificate, home)
    return written


def write(file: Path, text: str, home: Path) -> list[str]:
    """Replace a file if its content changes; returns its name then, and nothing otherwise."""
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
        reader = (HOME / "kafka-users" / READER).read_text(encoding="utf-8")
        sys.stdout.write(f"\nKafka, to look at (docs/security.md):\nuser:      {READER}\npassword:  {reader}\n")
        return 0
    if arguments == ["authority"]:
        sys.stdout.write((HOME / AUTHORITY).read_text(encoding="utf-8"))
        return 0
    for name in make(HOME, env, datetime.now(UTC)):
        sys.stdout.write(f"created {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
