"""`python -m local.services.database`: SecantusDB's server, which ends when its storage engine has panicked.

WiredTiger panics if a write fails, for example on a full disk, and from then on refuses everything until it is
reopened. MongoDB ends in this case; SecantusDB stays, answers a ping, and fails each command. Its supervisor restarts
it, and it recovers all acknowledged writes from its journal.
"""

import logging
import os
import sys
from typing import Final

from secantus.cli import main  # type: ignore[import-untyped]

PANIC: Final = "WT_PANIC"
PANICKED: Final = 14
"""The exit code, the same as mongod's for an unrecoverable error."""


class EndOnPanic(logging.Handler):
    """Ends the process at the first error that is a panic of the storage engine; ignores all others."""

    def emit(self, record: logging.LogRecord) -> None:
        """Check one record of the server's log."""
        if record.exc_info and PANIC in str(record.exc_info[1]):
            sys.stderr.write("the storage engine has panicked, restarting\n")
            sys.stderr.flush()
            os._exit(PANICKED)


if __name__ == "__main__":
    logging.getLogger("secantus").addHandler(EndOnPanic())
    sys.exit(main(sys.argv[1:]))
