"""Servers by name, and names that can be lost: an /etc/hosts of the bench's own, seen by its children alone.

Docker's DNS forgets the name of a container that is stopped: who connects again meets "name not known" rather than
"connection refused", and Kafka's and MongoDB's clients look names up at other moments than they connect.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

NAMES: Final = {"broker": "broker.plant.test", "database": "database.plant.test"}
HOSTS: Final = Path("/etc/hosts")
_MARK: Final = "ENERGYTRACK_BENCH_HOSTS"


def with_names_of_our_own() -> None:
    """Start this process again in a mount namespace with its own hosts file; returns where that is the case already.

    Raises SystemExit where it cannot be done: it takes root and `unshare`.
    """
    if _MARK in os.environ:
        return
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        raise SystemExit("names can only be taken away by root, with unshare (Debian: util-linux)")
    descriptor, file = tempfile.mkstemp(prefix="bench-hosts-")
    os.close(descriptor)
    os.environ[_MARK] = file
    remember()
    # orig_argv is how this process was started: python -m bench.outages …
    mounted = f'mount --bind "{file}" {HOSTS} && exec "$0" "$@"'
    os.execvp(  # noqa: S606  # its arguments are ours
        "unshare", ["unshare", "--mount", "sh", "-c", mounted, sys.executable, *sys.orig_argv[1:]]
    )


def are_our_own() -> bool:
    """Whether servers are called by name."""
    return _MARK in os.environ


def remember() -> None:
    """The names are known."""
    _write(dict.fromkeys(NAMES.values(), "127.0.0.1"))


def forget() -> None:
    """The names are not known."""
    _write({})


def _write(names: dict[str, str]) -> None:
    # In place: a file that took its place would not be the one that is mounted.
    lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in names.items())]
    Path(os.environ[_MARK]).write_text("\n".join(lines) + "\n", encoding="utf-8")
