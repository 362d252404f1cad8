"""Errors of backups; each has a sentence that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from energytrack.errors import EnergyTrackError


@dataclass(eq=False)
class BackupFailed(EnergyTrackError):
    """A backup could not be made, read or restored."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


class Damaged(BackupFailed):
    """An archive is not as it was written: cut off, changed, or not an archive at all."""


@contextmanager
def reporting(what: str) -> Iterator[None]:
    """Raise BackupFailed if the operating system refuses an operation; `what` says what could not be done."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise BackupFailed(f"{what}: {where}{error.strerror or error}.") from error
