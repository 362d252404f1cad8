"""`python -m exporters.disk`: exports how full the disks of the stores are, and what uses the space."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from energytrack.clock import Clock
from energytrack.running.disk_room import room_of
from energytrack.running.service import entry, running
from energytrack.settings import DiskSettings, ServiceSettings, read_all
from exporters.metrics.families import filled, plain_gauge

NAME: Final = "disk"
MEASURE_SECONDS: Final = 30.0
"""Between two scans of the folders; free space is read at each scrape."""

SIZE: Final = plain_gauge(
    "energytrack_disk_size_bytes",
    "Size of a disk that holds the stores' data, without the blocks reserved for root.",
    "disk",
)
FREE: Final = plain_gauge("energytrack_disk_free_bytes", "Free space on the disk.", "disk")
RESERVE: Final = plain_gauge(
    "energytrack_disk_reserve_bytes",
    "Space that is kept free on the disk. Below it, services stop reading from Kafka and stop storing.",
    "disk",
)
USED: Final = plain_gauge(
    "energytrack_disk_used_bytes", "Disk space used by each part of Energy Track.", "disk", "part"
)
DISKS: Final = (SIZE, FREE, RESERVE, USED)


class DiskCollector(Collector):
    """Exports the disks of some folders. Each subfolder is a part; one on a separate disk has its own name."""

    def __init__(self, settings: DiskSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._used: Mapping[tuple[str, ...], float] = {}
        self._measured: float | None = None

    def collect(self) -> Iterator[Metric]:
        """Each family with its samples; an unreadable disk has none."""
        disks = {name: room_of(folder) for name, folder in _disks(self._settings.paths)}
        reserve = self._settings.reserve
        now = self._clock.monotonic()
        if self._measured is None or now >= self._measured + MEASURE_SECONDS:
            self._used, self._measured = _used(self._settings.paths), now
        yield filled(SIZE, {(name,): room.size for name, room in disks.items()})
        yield filled(FREE, {(name,): room.free for name, room in disks.items()})
        yield filled(RESERVE, {(name,): reserve * room.size for name, room in disks.items()})
        yield filled(USED, self._used)


def used_by_parts(folder: Path) -> dict[str, int]:
    """Disk usage of each subfolder, in bytes; unreadable ones are left out."""
    taken = {part.name: _allocated_bytes(part) for part in _parts(folder)}
    return {name: size for name, size in taken.items() if size is not None}


def _disks(folders: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
    for folder in folders:
        if not folder.is_dir():
            continue
        yield folder.name, folder
        for part in _parts(folder):
            if part.stat().st_dev != folder.stat().st_dev:
                yield part.name, part


def _used(folders: tuple[Path, ...]) -> dict[tuple[str, ...], float]:
    return {
        (folder.name if part.stat().st_dev == folder.stat().st_dev else part.name, part.name): taken
        for folder in folders
        for part in _parts(folder)
        if (taken := _allocated_bytes(part)) is not None
    }


def _parts(folder: Path) -> list[Path]:
    try:
        return sorted(part for part in folder.iterdir() if part.is_dir() and not part.is_symlink())
    except OSError:
        return []


def _allocated_bytes(folder: Path) -> int | None:
    """Bytes of blocks, because files of Kafka and WiredTiger are sparse. Files may disappear while they are counted."""
    total = 0
    barred: list[OSError] = []
    for where, _, files in os.walk(folder, onerror=barred.append):
        for file in files:
            try:
                total += (Path(where) / file).lstat().st_blocks * 512
            except OSError:
                continue
    return None if any(isinstance(error, PermissionError) for error in barred) else total


def main(env: Mapping[str, str]) -> None:
    """Answer scrapes until `stop` is set."""
    common, settings = read_all(env, ServiceSettings, DiskSettings)
    with running(NAME, common) as service:
        service.registry.register(DiskCollector(settings, service.clock))
        service.ready()
        while not service.pause(MEASURE_SECONDS):
            pass  # the collector works when it is scraped


if __name__ == "__main__":
    entry(main)
