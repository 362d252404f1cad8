"""The database on this computer: SecantusDB, which speaks MongoDB's protocol and stores its data with WiredTiger."""

import os
import sys
from pathlib import Path
from urllib.parse import quote_plus

from local.services.definition import MongoAnswers, ServiceDefinition
from local.services.passwords import USER, USERS, server_password
from local.services.secrets import kept_in, secret_file
from local.site import HOST, Site


def mongo_uri(site: Site) -> str:
    """The address of this site's own database, with the password, if it has one."""
    address = site.address(site.ports.mongo)
    file = server_password(site, "mongo")
    return (
        f"mongodb://{USER}:{quote_plus(kept_in(file))}@{address}/?authSource={USERS}"
        if file
        else f"mongodb://{address}"
    )


def prepare_mongo(site: Site) -> None:
    """Write the address for commands such as `./et control_api tokens`, if it has a password; else there is no file."""
    file = uri_file(site)
    file.unlink(missing_ok=True)
    if site.passwords and site.mongo_uri is None:
        uri = mongo_uri(site)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as output:
            output.write(uri)


def uri_file(site: Site) -> Path:
    """The file that `./et` passes on to commands."""
    return secret_file(site, "ENERGYTRACK_MONGO_URI")


def mongo_service(site: Site) -> ServiceDefinition:
    """One server without an oplog, because nothing reads it.

    A journaled write is on disk before it is acknowledged, as in MongoDB, and the store requests that; see
    docs/decisions/database.md for the additional cost of `--sync-on-commit`.
    """
    password_file = server_password(site, "mongo")
    command = (
        sys.executable,
        "-m",
        "local.services.database",
        f"--host={HOST}",
        f"--port={site.ports.mongo}",
        f"--storage-path={site.var / 'mongo'}",
        "--standalone",
        *(("--auth", f"--password-file={password_file}") if password_file else ()),
    )
    return ServiceDefinition(
        name="mongo",
        purpose="the database (SecantusDB, MongoDB's protocol)",
        command=command,
        ready=MongoAnswers(mongo_uri(site)),
        ports=("mongo",),
        data="mongo",
    )
