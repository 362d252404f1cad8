"""Passwords for the local stack's servers that ask for none by default: Prometheus, Alertmanager and the database.

Other programs of this computer, and the pages in its browser, reach these servers on loopback. With
`ENERGYTRACK_LOCAL_PASSWORDS=1` each of them has a password, one user and one file in `var/secrets/servers`.
"""

from base64 import b64encode
from pathlib import Path
from typing import Final, Literal

from local.services.secrets import kept_in
from local.site import Site

USER: Final = "energytrack"
USERS: Final = "admin"
"""The database that has the user of the database server, as in MongoDB."""
Server = Literal["prometheus", "alertmanager", "mongo"]


def password_folder(site: Site) -> Path:
    """The folder of these passwords, one file for each server."""
    return site.var / "secrets" / "servers"


def server_password(site: Site, server: Server) -> Path | None:
    """The file of a server's password, created if missing; None if this site's servers have no passwords."""
    if not site.passwords:
        return None
    file = password_folder(site) / server
    kept_in(file)
    return file


def authorization(password_file: Path | None) -> dict[str, str]:
    """The HTTP header with which USER signs in; none without a password."""
    if password_file is None:
        return {}
    pair = f"{USER}:{password_file.read_text(encoding='utf-8').strip()}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
