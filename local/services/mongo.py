"""The database on this machine: SecantusDB, which speaks MongoDB's protocol and keeps its data with WiredTiger."""

import sys

from local.services.definition import MongoAnswers, Service
from local.site import HOST, Site


def mongo_uri(site: Site) -> str:
    """Where this site's own database is."""
    return f"mongodb://{site.address(site.ports.mongo)}"


def mongo_service(site: Site) -> Service:
    """One server without an oplog, which nobody tails.

    A write that asks for the journal is on the disk before its answer, as in MongoDB, and the store asks for it;
    see docs/decisions/database.md for what `--sync-on-commit` would cost on top.
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
    return Service(
        name="mongo",
        purpose="the database (SecantusDB, MongoDB's protocol)",
        command=command,
        ready=MongoAnswers(mongo_uri(site)),
        ports=("mongo",),
        data="mongo",
    )
