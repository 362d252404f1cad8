"""A small separate disk, and a file that fills it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from energytrack.running.disk_room import room_of


class NoDisk(Exception):
    """No file system can be mounted here; the message says why."""


@contextmanager
def small_disk(folder: Path, *, mib: int) -> Iterator[Path]:
    """A file system of `mib` MiB in memory, mounted at a new folder. Raises NoDisk if that is not possible."""
    folder.mkdir(parents=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        raise NoDisk("a disk of its own takes root and `mount`")
    options = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)]
    made = subprocess.run(options, capture_output=True, text=True, check=False)
    if made.returncode:
        raise NoDisk(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path, *, leave: float) -> Iterator[Callable[[], None]]:
    """A file leaves this share of a disk free, or nothing; the result, if called, takes space freed meanwhile."""
    file = folder / "filler"
    block = b"x" * 2**20

    def fill() -> None:
        room = room_of(folder)
        with suppress(OSError), file.open("ab", buffering=0) as filler:
            for _ in range(int((room.free - leave * room.size) // 2**20) + (leave == 0.0)):
                filler.write(block)

    fill()
    try:
        yield fill
    finally:
        file.unlink()
