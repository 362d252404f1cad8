"""Disk usage for people: how full the disk of the stack is, what uses it, and how long it lasts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from energytrack.running.disk_room import Room, room_of
from energytrack.settings import DiskSettings
from exporters.disk import used_by_parts
from local.terminal.live_line import Query

NEARLY_FULL: Final = 0.15
"""Warn if less than this share is free (as the alert DiskFilling does)."""
SOON_SECONDS: Final = 86_400.0
"""Warn if it will be full within a day at the growth of the last hour ..."""
AMPLE: Final = 0.5
"""... unless half of the disk is free: a new stack grows fast, up to its retention limits."""
LARGEST: Final = 3
"""Number of parts that are listed."""
GIB: Final = 2**30


@dataclass(frozen=True)
class DiskUse:
    """The current disk usage."""

    room: Room
    reserve: float
    """The free share below which services pause."""
    parts: Mapping[str, int]
    """Bytes by folder of the stack."""
    lasts_seconds: float | None
    """Time until only the reserve is left, at the growth of the last hour; None if unknown or not growing."""

    def __str__(self) -> str:
        """`63 % full, 92.1 of 252.0 GiB free, the stack uses 8.1 GiB (kafka 6.0 GiB ...), lasts 14 days`."""
        free, size = self.room.free / GIB, self.room.size / GIB
        sentence = f"{1 - self.room.share:.0%} full, {free:,.1f} of {size:,.1f} GiB free, {self._largest_parts()}"
        return (
            sentence
            if self.lasts_seconds is None
            else f"{sentence}, lasts {in_words(self.lasts_seconds)} at this growth"
        )

    def warning(self) -> str:
        """A warning; None while there is enough space."""
        if self.room.share < self.reserve:
            full = f"{1 - self.room.share:.1%}"
            return f"services have paused until there is space: disk {full} full, {self._largest_parts()}"
        soon = self.lasts_seconds is not None and self.lasts_seconds < SOON_SECONDS and self.room.share < AMPLE
        if self.room.share >= NEARLY_FULL and not soon:
            return ""
        lasts = "" if self.lasts_seconds is None else f", lasts {in_words(self.lasts_seconds)}"
        return f"disk {1 - self.room.share:.0%} full{lasts}, {self._largest_parts()}"

    def _largest_parts(self) -> str:
        largest = sorted(self.parts.items(), key=lambda part: -part[1])[:LARGEST]
        named = ", ".join(f"{name} {_size(taken)}" for name, taken in largest if taken)
        return f"the stack uses {_size(sum(self.parts.values()))}" + (f" ({named})" if named else "")


def look_at_disk(var: Path, query: Query) -> DiskUse:
    """The disk of a state folder; Prometheus knows how long it lasts. Raises OSError without such a folder."""
    return DiskUse(
        room=room_of(var),
        reserve=DiskSettings.from_env(os.environ).reserve,
        parts=used_by_parts(var),
        lasts_seconds=_queried(query, f'disk:lasts_seconds:min{{disk="{var.name}"}}'),
    )


def disk_notes(var: Path, query: Query) -> list[str]:
    """The live line's part about the disk: a warning, or nothing."""
    try:
        warning = look_at_disk(var, query).warning()
    except OSError:
        return []
    return [warning] if warning else []


def in_words(seconds: float) -> str:
    """`40 min`, `5 h`, `3 days`."""
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 2 * 86_400 else f"{seconds / 86_400:.0f} days"


def _queried(query: Query, expression: str) -> float | None:
    try:
        return query(expression)
    except (OSError, ValueError, KeyError):
        return None


def _size(taken: int) -> str:
    return f"{taken / GIB:,.1f} GiB" if taken >= GIB else f"{taken / 2**20:,.0f} MiB"
