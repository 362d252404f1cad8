"""Room on the stores' disks: how much there is, and whether a service that fills them may go on."""

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
"""Between two looks at a disk."""
BACK_AT: Final = 1.2
"""So many times the reserve must be free before a service goes on, so that it does not stop again at once."""


class Room(NamedTuple):
    """The room on one disk, in bytes, as `df` counts it: what only root may use belongs to nobody."""

    size: int
    free: int

    @property
    def share(self) -> float:
        """The part that is free, 0 to 1."""
        return self.free / self.size if self.size else 0.0


def room_of(folder: Path) -> Room:
    """The room on a folder's disk; raises OSError where there is no such folder."""
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize
    return Room((found.f_blocks - found.f_bfree) * found.f_frsize + free, free)


class RoomGuard:
    """Says whether a service may fill the disks further; the log tells when that changes, and why."""

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
            "Whether the service takes nothing because a disk of the stores is nearly full (1) or works (0).",
            registry=registry,
        )

    def why_short(self) -> str:
        """Which disk is nearly full, as a sentence; nothing while there is room."""
        if self._clock.monotonic() >= self._look_at:
            self._look_at = self._clock.monotonic() + LOOK_SECONDS
            self._turned(self._looked())
        if self._short:
            self._health.waiting(self, "disk", self._short)
        else:
            self._health.served(self)
        return self._short

    def wait(self, stop: threading.Event) -> None:
        """Return when there is room, or when `stop` is set."""
        while self.why_short() and not stop.wait(LOOK_SECONDS):
            pass

    def _looked(self) -> str:
        least = self._settings.reserve * (BACK_AT if self._short else 1.0)
        for folder in self._settings.paths:
            try:
                room = room_of(folder)
            except OSError:
                continue  # not there (yet): whoever writes to it will say so
            if room.share < least:
                free = f"{room.share:.1%} free, {room.free / 2**20:,.0f} MiB"
                return f"the disk of {folder} has been nearly full ({free})"
        return ""

    def _turned(self, short: str) -> None:
        if short and not self._short:
            log.warning("paused until there is room on the disk", reason=short, kept_free=self._settings.reserve)
        elif self._short and not short:
            log.info("there is room on the disk again, going on")
        self._short = short
        self._paused.set(1.0 if short else 0.0)
