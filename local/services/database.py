"""`python -m local.services.database`: SecantusDB's server, which ends when its storage has panicked.

WiredTiger panics where a write fails, on a full disk for one, and from then on refuses everything until it is opened
anew. MongoDB ends of that; SecantusDB stays, answers a ping, and fails each command. Whoever supervises it starts it
again, and it recovers from its journal what it had acknowledged.
"""

import logging
import os
import sys
from typing import Final

from secantus.cli import main  # type: ignore[import-untyped]

PANIC: Final = "WT_PANIC"
PANICKED: Final = 14
"""The exit code, mongod's own for an unrecoverable error."""


class EndOnPanic(logging.Handler):
    """Ends the process at the first error that is the storage's panic; all others are left to other handlers."""

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one record of the server's log."""
        if record.exc_info and PANIC in str(record.exc_info[1]):
            sys.stderr.write("the storage has panicked: ending, to be started again\n")
            sys.stderr.flush()
            os._exit(PANICKED)


if __name__ == "__main__":
    logging.getLogger("secantus").addHandler(EndOnPanic())
    sys.exit(main(sys.argv[1:]))
