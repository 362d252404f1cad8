"""What can go wrong with a backup; each error has a sentence that says what to do."""

from dataclasses import dataclass

from energytrack.errors import EnergyTrackError


@dataclass(eq=False)
class BackupFailed(EnergyTrackError):
    """A backup could not be made, read or restored."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


class Damaged(BackupFailed):
    """An archive is not what was written: cut off, changed, or not an archive at all."""
