"""What can go wrong with models, named and with its facts as fields."""

from dataclasses import dataclass
from typing import Literal

from energytrack.errors import EnergyTrackError

Mismatch = Literal["missing", "unreadable_card", "checksum", "unsigned", "signature", "features", "version"]
MISMATCHES: tuple[Mismatch, ...] = (
    "missing",
    "unreadable_card",
    "checksum",
    "unsigned",
    "signature",
    "features",
    "version",
)


@dataclass(eq=False)
class TooFewExamples(EnergyTrackError):
    """A history in which nothing, or everything, failed: there is nothing to learn from it."""

    part: str
    """The part of the work that lacks them: training, calibration, validation, test."""
    advice: str = "take a longer history, or more machines"

    def __str__(self) -> str:
        return f"the rows for {self.part} do not hold both failures and sound operation: {self.advice}"


@dataclass(eq=False)
class LeakySplit(EnergyTrackError):
    """Rows to learn from and rows to test on that know of each other: whatever is measured on them is worthless."""

    split: str
    device_id: str
    """A machine that is on both sides."""

    def __str__(self) -> str:
        return f"split {self.split!r} leaks: {self.device_id} is learned from within a horizon of where it is tested"


@dataclass(eq=False)
class ArtifactMismatch(EnergyTrackError):
    """A model file that does not fit its card, or this code; it was not opened."""

    file: str
    reason: Mismatch
    expected: str
    found: str

    def __str__(self) -> str:
        return (
            f"{self.file} is refused ({self.reason}): expected {self.expected}, found {self.found}; it was not opened"
        )
