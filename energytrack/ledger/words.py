"""Describes coverage in words."""

from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

from energytrack.ledger.sums import EnergySums

LEAST_PERCENT: Final = 0.05
"""A smaller share is left out."""


class SecondsByBasis(Struct, frozen=True):
    """The seconds of a period, by how the energy in them is known."""

    measured: float
    bridged: float
    estimated: float
    imported: float
    corrected: float
    unknown: float


def seconds_by_basis(sums: EnergySums, seconds: float) -> SecondsByBasis:
    """How the energy of `seconds` is known: time without any report is unknown."""
    return SecondsByBasis(
        sums.measured_seconds, sums.bridged_seconds, sums.estimated_seconds, sums.imported_seconds,
        sums.corrected_seconds, max(0.0, seconds - sums.known_seconds, sums.unknown_seconds),
    )  # fmt: skip


def coverage(today: SecondsByBasis, *, since: datetime | None = None) -> str:
    """How the energy of today is known: "98.2 % measured, 1.8 % unknown today".

    `since` is the start of the time for which it should be known, if that is today (plant time).
    """
    seconds_by_name: dict[str, float] = asdict(today)
    whole = sum(seconds_by_name.values())
    if not whole:
        return "nothing counted yet today"
    shares = {name: 100.0 * each / whole for name, each in seconds_by_name.items()}
    listed = ", ".join(f"{_percent(share)} {name}" for name, share in shares.items() if share >= LEAST_PERCENT)
    return f"{listed} today" if since is None else f"{listed} since {since:%H:%M}"


def _percent(share: float) -> str:
    return "100 %" if share >= 100.0 - LEAST_PERCENT else f"{share:.1f} %"
