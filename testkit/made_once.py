"""What takes seconds to make and several processes of a test run look at: the first makes it, the others read it."""

import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import joblib

Made = TypeVar("Made")


def made_once(file: Path, make: Callable[[], Made]) -> Made:
    """What `make` returns, kept in a file that all who ask share; those who come meanwhile wait for it."""
    file.parent.mkdir(exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            unfinished = file.with_suffix(".part")
            joblib.dump(make(), unfinished)
            unfinished.replace(file)  # a process that is killed meanwhile leaves no half of it
        made: Made = joblib.load(file)
    return made
