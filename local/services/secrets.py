"""The site's secrets: made once, kept in `var/secrets` for this user only, handed to the services that need them."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from energytrack.signatures import CommandSigner
from local.site import Site

ML_SIGNING_KEY: Final = "ENERGYTRACK_ML_SIGNING_KEY"
"""What model files are signed with; a model signed with another key is never opened."""
ALERTS_TOKEN: Final = "ENERGYTRACK_CONTROL_API_ALERTS_TOKEN"  # noqa: S105  # a name, not the token
"""What Alertmanager shows the control API, and Grafana's alerting too."""
COMMAND_SIGNING_KEY: Final = "ENERGYTRACK_CONTROL_API_COMMAND_SIGNING_KEY"
"""What the control API signs orders with."""
COMMAND_KEYS: Final = "ENERGYTRACK_SIMULATOR_COMMAND_KEYS"
"""What the simulated machines check orders with: the public key, made from the private one."""
GRAFANA_PASSWORD: Final = "GF_SECURITY_ADMIN_PASSWORD"  # noqa: S105  # a name, not the password
"""What Grafana's first administrator signs in with."""


def secret_env(site: Site, variables: Iterable[str]) -> dict[str, str]:
    """This site's secrets by variable, apart from those that a person has set in the environment."""
    return {variable: _kept(site, variable) for variable in variables if not os.environ.get(variable)}


def secret_file(site: Site, variable: str) -> Path:
    """Where a secret of this site's own is kept."""
    return site.var / "secrets" / variable.removeprefix("ENERGYTRACK_").lower()


def _kept(site: Site, variable: str) -> str:
    if variable == COMMAND_KEYS:
        return CommandSigner(os.environ.get(COMMAND_SIGNING_KEY) or _kept(site, COMMAND_SIGNING_KEY)).public_key
    file = secret_file(site, variable)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as output:
            output.write(secrets.token_urlsafe(32))
    return file.read_text(encoding="utf-8").strip()
