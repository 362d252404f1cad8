"""Makes a backup of a running plant."""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from energytrack.backup.archive import ArchiveWriter, finish, writing
from energytrack.backup.areas import Area, add_area
from energytrack.backup.errors import BackupFailed, reporting
from energytrack.backup.manifest import FORMAT, ArchiveAbout, Manifest
from energytrack.clock import Clock
from energytrack.replacing import replacing
from energytrack.store.contents import Contents, encode_marks

log = structlog.get_logger(__name__)

SUFFIX: Final = ".tar.zst"
SEALED_SUFFIX: Final = ".tar.zst.age"
PREFIX: Final = "energytrack-"
DATABASE: Final = "database"
FAMILY: Final = "family.json"
MARKS: Final = f"{DATABASE}/marks.json"
PART_BYTES: Final = 4 << 20
"""The documents of a collection are in files of about this size, each held in memory."""
ATTEMPTS: Final = 3
SKEW: Final = timedelta(minutes=5)
"""By how much the clocks of computers may differ."""
NO_SECRETS: Final = (
    "Keys and passwords are not in it, because it is not encrypted: keep them elsewhere. Without the key that models "
    "are signed with, the models in it cannot be opened."
)
NO_KAFKA: Final = "Messages in Kafka are not in it: what was not stored yet when it was made."


class BackupOrder(Struct, frozen=True):
    """What to back up, and how."""

    folder: Path
    """Where archives are put."""
    areas: tuple[Area, ...]
    plant: str
    release: str
    recipients: tuple[str, ...] = ()
    """Public keys; without any, the backup is not encrypted and contains no secrets."""
    keep: int | None = None
    """How many archives to keep in the folder, the newest ones; None keeps all."""


class FinishedBackup(Struct, frozen=True):
    file: Path
    about: ArchiveAbout
    manifest: Manifest


class _MachineMoved(Exception):
    """A machine was renamed or removed while the database was read."""


@reporting("The backup cannot be made")
def make(
    order: BackupOrder, contents: Contents, clock: Clock, *, note: Callable[[str], None] = lambda _: None
) -> FinishedBackup:
    """Make a backup; `note` is called with each step. Raises BackupFailed, leaving nothing behind."""
    order.folder.mkdir(parents=True, exist_ok=True)
    with _Folder(order.folder) as folder:
        folder.clear()
        for _ in range(ATTEMPTS):
            with suppress(_MachineMoved):
                made = _made(order, contents, clock, note)
                folder.keep_newest(order.keep)
                return made
            note("A machine was renamed or removed meanwhile: beginning again.")
    raise BackupFailed("Machines keep being renamed or removed: try again when that is finished.")


def archives(folder: Path) -> Sequence[Path]:
    """The archives in a folder, oldest first: their names are times."""
    return sorted(
        each for each in folder.glob(f"{PREFIX}*") if each.name.endswith((SUFFIX, SEALED_SUFFIX)) and each.is_file()
    )


def _made(order: BackupOrder, contents: Contents, clock: Clock, note: Callable[[str], None]) -> FinishedBackup:
    if (archive := contents.unfinished()) is not None:
        raise BackupFailed(f"The database holds only part of the backup {archive}: restore it first.")
    started_at = clock.now()
    about = ArchiveAbout(
        format=FORMAT, release=order.release, schema=contents.schema_version(), plant=order.plant,
        started_at=started_at, has_secrets=bool(order.recipients),
    )  # fmt: skip
    suffix = SEALED_SUFFIX if order.recipients else SUFFIX
    file = order.folder / f"{PREFIX}{started_at:%Y%m%dT%H%M%SZ}{suffix}"
    if file.exists():
        raise BackupFailed(f"{file} exists already.")
    with replacing(file) as output:
        os.fchmod(output.fileno(), 0o600)
        with writing(output, about, order.recipients) as writer:
            documents = _add_database(writer, contents, started_at, clock, note)
            left_out = _add_areas(writer, order, note)
            manifest = finish(writer, at=clock.now(), documents=documents, left_out=left_out)
    _sync(order.folder)
    return FinishedBackup(file, about, manifest)


def _add_database(
    writer: ArchiveWriter, contents: Contents, started_at: datetime, clock: Clock, note: Callable[[str], None]
) -> dict[str, int]:
    deeds = contents.deeds()
    if contents.is_being_moved(clock.now()):
        clock.sleep(1.0)
        raise _MachineMoved
    documents: dict[str, int] = {}
    for family in contents.families():
        if family.name == "schema":
            continue  # `about` has it
        note(f"collection {family.name}")
        folder = f"{DATABASE}/{family.name}"
        writer.add(f"{folder}/{FAMILY}", msgspec.json.encode(family))
        count = 0
        for number, part in enumerate(_parts(contents.documents(family.name)), start=1):
            writer.add(f"{folder}/{number:06d}.bson", b"".join(part))
            count += len(part)
        documents[family.name] = count
    writer.add(MARKS, encode_marks(contents.marks(started_at - SKEW)))
    if contents.deeds() != deeds or contents.is_being_moved(clock.now()):
        raise _MachineMoved
    return documents


def _add_areas(writer: ArchiveWriter, order: BackupOrder, note: Callable[[str], None]) -> tuple[str, ...]:
    left_out = [NO_KAFKA]
    if not order.recipients:
        left_out.append(NO_SECRETS)
    for area in order.areas:
        if area.secret and not order.recipients:
            continue
        note(f"files of {area.name}")
        if not add_area(writer, area):
            left_out.append(f"There is nothing of {area.name}: {area.path} is empty or missing.")
        left_out += [
            f"{each} is not in it, because it is outside {area.path}: keep it elsewhere." for each in area.elsewhere()
        ]
    return tuple(left_out)


def _parts(documents: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    """Documents in parts of about PART_BYTES."""
    part: list[bytes] = []
    size = 0
    for document in documents:
        part.append(document)
        size += len(document)
        if size >= PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


class _Folder:
    """A folder of archives, for one backup at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "_Folder":
        self._descriptor = os.open(self._path, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise BackupFailed(f"Another backup to {self._path} is in progress.") from error
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def clear(self) -> None:
        """Delete the partial file of a backup that was killed."""
        for file in self._path.glob(f".{PREFIX}*.partial"):
            file.unlink(missing_ok=True)

    def keep_newest(self, count: int | None) -> None:
        """Delete all archives except the newest `count`; none if it is None."""
        if count is not None:
            for file in archives(self._path)[:-count]:
                file.unlink()
                log.info("an old backup was deleted", file=str(file))


def _sync(folder: Path) -> None:
    """Write the folder to disk, so that the new name survives a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
