"""`python -m local.services.database`: SecantusDB's server, which ends when its storage engine has panicked.

WiredTiger panics if a write fails, for example on a full disk, and from then on refuses everything until it is
reopened. MongoDB ends in this case; SecantusDB stays, answers a ping, and fails each command. Its supervisor restarts
it, and it recovers all acknowledged writes from its journal.

With `--auth`, its one user gets the password in `--password-file` before the server listens: SecantusDB itself would
have to run once without `--auth` to create a user.
"""

import argparse
import logging
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from secantus.auth import SCRAM_SHA_256, derive_credentials  # type: ignore[import-untyped]
from secantus.cli import main  # type: ignore[import-untyped]
from secantus.storage import Storage  # type: ignore[import-untyped]

from local.services.passwords import USER, USERS

PANIC: Final = "WT_PANIC"
PANICKED: Final = 14
"""The exit code, the same as mongod's for an unrecoverable error."""
ROLES: Final = ("readWriteAnyDatabase", "dbAdminAnyDatabase")
"""Of our user: everything with documents and collections, whatever the database's name; nothing with users."""


class EndOnPanic(logging.Handler):
    """Ends the process at the first error that is a panic of the storage engine; ignores all others."""

    def emit(self, record: logging.LogRecord) -> None:
        """Check one record of the server's log."""
        if record.exc_info and PANIC in str(record.exc_info[1]):
            sys.stderr.write("the storage engine has panicked, restarting\n")
            sys.stderr.flush()
            os._exit(PANICKED)


def write_user(storage_path: Path, password: str) -> None:
    """Create the user that may sign in, or give it this password; no server may be using the storage."""
    credentials = derive_credentials(password, mechanism=SCRAM_SHA_256, username=USER)
    user = {
        "_id": f"{USERS}.{USER}",
        "user": USER,
        "db": USERS,
        "credentials": credentials.to_doc(),
        "roles": [{"role": role, "db": USERS} for role in ROLES],
        "mechanisms": [SCRAM_SHA_256],
    }
    with closing(Storage(str(storage_path), enable_oplog=False)) as storage:
        storage.add_user(USERS, USER, user, replace=True)


def run(arguments: list[str]) -> int:
    """The server, until it is stopped; returns its exit code. Other arguments are SecantusDB's own."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--storage-path", type=Path, required=True)
    parser.add_argument("--password-file", type=Path)
    ours, others = parser.parse_known_args(arguments)
    logging.getLogger("secantus").addHandler(EndOnPanic())
    if ours.password_file is not None:
        write_user(ours.storage_path, ours.password_file.read_text(encoding="utf-8").strip())
    return int(main([f"--storage-path={ours.storage_path}", *others]))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
