"""Servers with names that can be lost: a separate /etc/hosts that only the benchmark's children see.

Docker's DNS forgets the name of a stopped container: a client that reconnects gets "name not known" instead of
"connection refused", and the clients of Kafka and MongoDB do not look names up whenever they connect.
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
    """Restart this process in a mount namespace with its own hosts file; returns if it has one already.

    Raises SystemExit if that is not possible: it needs root and `unshare`.
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
    """Whether this process has its own hosts file."""
    return _MARK in os.environ


def remember() -> None:
    """Make the names known."""
    _write(dict.fromkeys(NAMES.values(), "127.0.0.1"))


def forget() -> None:
    """Make the names unknown."""
    _write({})


def _write(names: dict[str, str]) -> None:
    # In place: a new file would not be the one that is mounted.
    lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in names.items())]
    Path(os.environ[_MARK]).write_text("\n".join(lines) + "\n", encoding="utf-8")
