"""Who may ask Prometheus and Alertmanager, if they have passwords, and how Prometheus itself signs in there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import bcrypt

from local.errors import CannotPrepare
from local.services.passwords import USER

WebServer = Literal["prometheus", "alertmanager"]
ROUNDS: Final = 4
"""2^4, the least: nobody guesses 256 random bits, and each wrong password costs a server as long, a millisecond."""
MOST_BYTES: Final = 72
"""bcrypt reads no more of a password."""
OWN_JOB: Final = "\n  - job_name: {server}\n"
ALERTMANAGERS: Final = "\n  alertmanagers:\n    - "


def web_configuration(password_files: Mapping[str, Path]) -> str:
    """The file `--web.config.file`: the users that may sign in, each with a hash of its password.

    Raises CannotPrepare for a password that bcrypt cannot hold.
    """
    hashes = {user: _hash(file) for user, file in password_files.items()}
    return json.dumps({"basic_auth_users": hashes}, indent=1) + "\n"  # JSON is YAML


def signed_in(configuration: str, password_files: Mapping[WebServer, Path]) -> str:
    """Prometheus' configuration, which then signs in where it scrapes these servers and where it sends alerts.

    Raises ValueError if the configuration does not have one job of each server's name, or one Alertmanager.
    """
    for server, file in password_files.items():
        user = f"basic_auth: {{ username: {USER}, password_file: {json.dumps(str(file))} }}\n"
        job = OWN_JOB.format(server=server)
        configuration = _once(configuration, job, f"{job}    {user}")
        if server == "alertmanager":
            configuration = _once(configuration, ALERTMANAGERS, f"{ALERTMANAGERS}{user}      ")
    return configuration


def _once(text: str, place: str, replacement: str) -> str:
    if text.count(place) != 1:
        raise ValueError(f"Prometheus' configuration: expected {place.strip()!r} once, found {text.count(place)}")
    return text.replace(place, replacement)


def _hash(file: Path) -> str:
    password = file.read_text(encoding="utf-8").strip().encode()
    if not 0 < len(password) <= MOST_BYTES:
        raise CannotPrepare(
            f"{file}: expected a password of 1 to {MOST_BYTES} bytes, found {len(password)}. Delete the file, and the "
            "next start makes a new one."
        )
    return bcrypt.hashpw(password, bcrypt.gensalt(ROUNDS)).decode()
