"""The site's secrets: created once, stored in `var/secrets` for this user only, passed to services that need them."""

import os
import secrets
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from energytrack.security.signatures import CommandSigner
from local.site import Site

ML_SIGNING_KEY: Final = "ENERGYTRACK_ML_SIGNING_KEY"
"""Signs model files; a model signed with another key is never opened."""
ALERTS_TOKEN: Final = "ENERGYTRACK_CONTROL_API_ALERTS_TOKEN"  # noqa: S105  # a name, not the token
"""The token of Alertmanager, and of Grafana's alerting, for the control API."""
COMMAND_SIGNING_KEY: Final = "ENERGYTRACK_CONTROL_API_COMMAND_SIGNING_KEY"
"""The key with which the control API signs orders."""
COMMAND_KEYS: Final = "ENERGYTRACK_SIMULATOR_COMMAND_KEYS"
"""The public key with which the simulated machines check orders; derived from the private one."""
GATEWAY_COMMAND_KEYS: Final = "ENERGYTRACK_GATEWAY_COMMAND_KEYS"
"""The same key for the gateway that carries out orders on real machines."""
GRAFANA_PASSWORD: Final = "GF_SECURITY_ADMIN_PASSWORD"  # noqa: S105  # a name, not the password
"""The password of Grafana's first administrator."""


def secret_env(site: Site, variables: Iterable[str]) -> dict[str, str]:
    """This site's secrets by variable, except those that the user has set in the environment."""
    return {variable: _stored_secret(site, variable) for variable in variables if not os.environ.get(variable)}


def secret_file(site: Site, variable: str) -> Path:
    """The file of one of this site's secrets."""
    return site.var / "secrets" / variable.removeprefix("ENERGYTRACK_").lower()


def _stored_secret(site: Site, variable: str) -> str:
    if variable in (COMMAND_KEYS, GATEWAY_COMMAND_KEYS):
        return CommandSigner(
            os.environ.get(COMMAND_SIGNING_KEY) or _stored_secret(site, COMMAND_SIGNING_KEY)
        ).public_key
    return kept_in(secret_file(site, variable))


def kept_in(file: Path) -> str:
    """The secret in a file, for this user only; created if missing, whole or not at all: the disk may be full."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as output:
                output.write(secrets.token_urlsafe(32))
            with suppress(FileExistsError):  # another process was faster
                os.link(unfinished, file)
        finally:
            Path(unfinished).unlink()
    return file.read_text(encoding="utf-8").strip()
