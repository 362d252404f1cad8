"""Coverage in words."""

from datetime import datetime
from typing import Final

from energytrack.ledger.sums import EnergySums

LEAST_PERCENT: Final = 0.05
"""A smaller share is left out."""


def coverage(sums: EnergySums, seconds: float, *, since: datetime | None = None) -> str:
    """How the energy of today is known: "98.2 % measured, 1.8 % unknown today".

    `seconds` is the time for which it should be known; `since` says when that began, if it began today (plant time).
    """
    unknown = max(0.0, seconds - sums.known_seconds, sums.unknown_seconds)
    seconds_by_verdict = {
        "measured": sums.measured_seconds,
        "bridged": sums.bridged_seconds,
        "estimated": sums.estimated_seconds,
        "imported": sums.imported_seconds,
        "corrected": sums.corrected_seconds,
        "unknown": unknown,
    }
    whole = sum(seconds_by_verdict.values())
    if not whole:
        return "nothing counted yet today"
    shares = {name: 100.0 * each / whole for name, each in seconds_by_verdict.items()}
    listed = ", ".join(f"{_percent(share)} {name}" for name, share in shares.items() if share >= LEAST_PERCENT)
    return f"{listed} today" if since is None else f"{listed} since {since:%H:%M}"


def _percent(share: float) -> str:
    return "100 %" if share >= 100.0 - LEAST_PERCENT else f"{share:.1f} %"
