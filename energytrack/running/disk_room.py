"""Space on the stores' disks: how much is free, and whether a service that writes to them may continue."""

import os
import threading
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from prometheus_client import CollectorRegistry, Gauge

from energytrack.clock import Clock
from energytrack.running.health import Health
from energytrack.settings import DiskSettings

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
"""Interval between two checks of a disk."""
BACK_AT: Final = 1.2
"""A service continues when this multiple of the reserve is free, to avoid pausing again at once."""


class Room(NamedTuple):
    """The space on one disk in bytes, as `df` counts it: blocks reserved for root are excluded."""

    size: int
    free: int

    @property
    def share(self) -> float:
        """The free share, 0 to 1."""
        return self.free / self.size if self.size else 0.0


def room_of(folder: Path) -> Room:
    """The space on the disk of a folder; raises OSError if the folder does not exist."""
    usage = os.statvfs(folder)
    free = usage.f_bavail * usage.f_frsize
    return Room((usage.f_blocks - usage.f_bfree) * usage.f_frsize + free, free)


class RoomGuard:
    """Decides whether a service may write to the disks; logs each change with the reason."""

    def __init__(
        self, settings: DiskSettings, *, clock: Clock, registry: CollectorRegistry, health: Health | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._health = health or Health(clock)
        self._look_at = clock.monotonic()
        self._short = ""
        self._paused = Gauge(
            "energytrack_disk_paused",
            "Whether the service has paused because a disk of the stores is nearly full (1) or works (0).",
            registry=registry,
        )

    def why_short(self) -> str:
        """A sentence about the disk that is nearly full; None while there is space."""
        if self._clock.monotonic() >= self._look_at:
            self._look_at = self._clock.monotonic() + LOOK_SECONDS
            self._turned(self._looked())
        if self._short:
            self._health.waiting(self, "disk", self._short)
        else:
            self._health.served(self)
        return self._short

    def wait(self, stop: threading.Event) -> None:
        """Return when there is space, or when `stop` is set."""
        while self.why_short() and not stop.wait(LOOK_SECONDS):
            pass

    def _looked(self) -> str:
        least = self._settings.reserve * (BACK_AT if self._short else 1.0)
        for folder in self._settings.paths:
            try:
                room = room_of(folder)
            except OSError:
                continue  # not there (yet): the service that writes to it will report that
            if room.share < least:
                free = f"{room.share:.1%} free, {room.free / 2**20:,.0f} MiB"
                return f"the disk of {folder} has been nearly full ({free})"
        return ""

    def _turned(self, short: str) -> None:
        if short and not self._short:
            log.warning("paused until there is space on the disk", reason=short, kept_free=self._settings.reserve)
        elif self._short and not short:
            log.info("there is space on the disk again, continuing")
        self._short = short
        self._paused.set(1.0 if short else 0.0)
