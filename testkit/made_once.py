"""Things that take seconds to make, for several processes of a test run: the first makes them, the others read them."""

import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import joblib

Made = TypeVar("Made")


def made_once(file: Path, make: Callable[[], Made]) -> Made:
    """The result of `make`, kept in a file that all callers share; those that call meanwhile wait for it."""
    file.parent.mkdir(exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            unfinished = file.with_suffix(".part")
            joblib.dump(make(), unfinished)
            unfinished.replace(file)  # a process that is killed meanwhile leaves no partial file
        made: Made = joblib.load(file)
    return made
