"""The database on this computer: SecantusDB, which speaks MongoDB's protocol and stores its data with WiredTiger."""

import sys

from local.services.definition import MongoAnswers, ServiceDefinition
from local.site import HOST, Site


def mongo_uri(site: Site) -> str:
    """The address of this site's own database."""
    return f"mongodb://{site.address(site.ports.mongo)}"


def mongo_service(site: Site) -> ServiceDefinition:
    """One server without an oplog, because nothing reads it.

    A journaled write is on disk before it is acknowledged, as in MongoDB, and the store requests that; see
    docs/decisions/database.md for the additional cost of `--sync-on-commit`.
    """
    command = (
        sys.executable,
        "-m",
        "local.services.database",
        f"--host={HOST}",
        f"--port={site.ports.mongo}",
        f"--storage-path={site.var / 'mongo'}",
        "--standalone",
    )
    return ServiceDefinition(
        name="mongo",
        purpose="the database (SecantusDB, MongoDB's protocol)",
        command=command,
        ready=MongoAnswers(mongo_uri(site)),
        ports=("mongo",),
        data="mongo",
    )
