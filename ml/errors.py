"""Errors about models, with their facts as fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

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


REASONS: Final[Mapping[Mismatch, str]] = MappingProxyType(
    {
        "missing": "file missing",
        "unreadable_card": "model card unreadable",
        "checksum": "checksum differs",
        "unsigned": "not signed",
        "signature": "signature differs",
        "features": "features differ",
        "version": "library version differs",
    }
)
"""The same in words."""


@dataclass(eq=False)
class TooFewExamples(EnergyTrackError):
    """Training data in which nothing, or everything, failed."""

    part: str
    """The part that lacks examples: training, calibration, validation, test."""
    advice: str = "take a longer history, or more machines"

    def __str__(self) -> str:
        return (
            f"too few examples for {self.part}: its rows must hold both failures and normal operation ({self.advice})"
        )


@dataclass(eq=False)
class LeakySplit(EnergyTrackError):
    """Training and test rows of one machine are too close in time: the result would be worthless."""

    split: str
    device_id: str
    """A machine in both parts."""

    def __str__(self) -> str:
        return f"the split {self.split!r} leaks: {self.device_id} is trained on and tested on within one horizon"


@dataclass(eq=False)
class ArtifactMismatch(EnergyTrackError):
    """A model file that does not match its card, or this code; it was not opened."""

    file: str
    reason: Mismatch
    expected: str
    found: str

    def __str__(self) -> str:
        why = f"{REASONS[self.reason]}: expected {self.expected}, found {self.found}"
        return f"{self.file} was refused and not opened ({why})"
