"""Folders of a plant beside its database: models, keys, and the data of Grafana and Alertmanager.

They are read while services write to them. All files of a folder are opened together: a file that is replaced meanwhile
is read as it was when opened, and if the folder has changed by then, all are opened again. SQLite files are copied by
SQLite, so that a copy never contains half of a change.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, Final, NamedTuple

from msgspec import Struct

from energytrack.backup.archive import ArchiveMember, ArchiveWriter, Owner
from energytrack.backup.errors import BackupFailed, Damaged

PREFIX: Final = "files"
ATTEMPTS: Final = 20
SQLITE: Final = b"SQLite format 3\0"
SQLITE_BESIDE: Final = ("-journal", "-wal", "-shm")
SQLITE_SECONDS: Final = 30.0


class Area(Struct, frozen=True):
    """A folder, or a single file, that belongs in a backup."""

    name: str
    path: Path
    secret: bool = False
    """Whether it is only in encrypted archives."""
    only: tuple[str, ...] = ()
    """The files that belong to it, as paths in the folder; if empty, all of them."""
    never: tuple[str, ...] = ()
    """Patterns of those among them that do not."""

    def elsewhere(self) -> Sequence[str]:
        """Files of `only` that are outside the folder, or links to such files: a backup cannot include them."""
        return [each for each in self.only if (self.path / each).is_file() and not _is_inside(self, each)]


class _Opened(NamedTuple):
    relative: str
    file: IO[bytes]
    facts: os.stat_result


def add_area(writer: ArchiveWriter, area: Area) -> int:
    """Add the files of an area; returns how many. Raises BackupFailed if one cannot be read."""
    count = 0
    with _opened_together(area) as opened:
        for each in opened:
            name = "/".join((PREFIX, area.name, each.relative))
            owner = Owner(each.facts.st_mode & 0o7777, each.facts.st_uid, each.facts.st_gid)
            if each.file.read(len(SQLITE)) == SQLITE:
                with _copied(Path(each.file.name)) as copy:
                    writer.add_file(name, copy, os.fstat(copy.fileno()).st_size, owner)
            else:
                each.file.seek(0)
                writer.add_file(name, each.file, each.facts.st_size, owner)
            count += 1
    return count


def put_member(member: ArchiveMember, areas: Sequence[Area], *, owners: bool) -> bool:
    """Write a file to its place, with its owner if `owners`; False if it has no place here."""
    _, name, *rest = member.name.split("/")
    area = next((each for each in areas if each.name == name), None)
    if area is None:
        return False
    if not rest:
        raise Damaged(f"The backup holds {member.name!r}, which does not belong in a backup.")
    target = area.path.joinpath(*rest)
    area.path.mkdir(parents=True, exist_ok=True, mode=0o700 if area.secret else 0o777)
    for folder in (area.path, *(area.path.joinpath(*rest[:depth]) for depth in range(1, len(rest)))):
        folder.mkdir(exist_ok=True)
        if owners and not any(folder.iterdir()):  # root owns a new volume, and the server writes next to its files
            os.chown(folder, member.owner.uid, member.owner.gid)
    for beside in ("", *SQLITE_BESIDE):  # the journal of the replaced file would be applied to this one
        target.with_name(target.name + beside).unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        while piece := member.read():
            output.write(piece)
        output.flush()
        os.fsync(output.fileno())
    target.chmod(member.owner.mode & 0o777)  # without setuid and setgid: none is such a program
    if owners:
        os.chown(target, member.owner.uid, member.owner.gid)
    return True


@contextmanager
def _opened_together(area: Area) -> Iterator[Sequence[_Opened]]:
    for _ in range(ATTEMPTS):
        with ExitStack() as stack:
            try:
                opened = [_open(area, relative, stack) for relative in _listed(area)]
                same = [_facts(area, relative) for relative in _listed(area)] == [
                    (each.relative, each.facts.st_ino) for each in opened
                ]
            except FileNotFoundError:
                continue  # it was deleted just now
            except OSError as error:
                raise BackupFailed(f"{error.filename} cannot be read: {error.strerror}.") from error
            if same:
                yield opened
                return
    raise BackupFailed(f"{area.path} keeps changing: it could not be copied in one consistent state.")


def _listed(area: Area) -> Sequence[str]:
    if area.path.is_file():
        return [area.path.name]
    return sorted(
        each
        for each in (_existing(area) if area.only else _walked(area))
        if not each.endswith(SQLITE_BESIDE)
        and not any(fnmatch(each, pattern) for pattern in area.never)
        and _is_inside(area, each)
    )


def _existing(area: Area) -> Iterator[str]:
    return (each for each in area.only if (area.path / each).is_file())


def _walked(area: Area) -> Iterator[str]:
    for folder, _, files in os.walk(area.path, onerror=_refused):
        for file in files:
            yield Path(folder, file).relative_to(area.path).as_posix()


def _refused(error: OSError) -> None:
    """Raise an error for a folder that cannot be read, because its files would be missing; not for a missing folder."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _is_inside(area: Area, relative: str) -> bool:
    """Whether a file is in the area itself, also if it is a link to another file of the area.

    Kubernetes mounts secrets as such links, to folders whose names begin with two dots; these folders are left out.
    """
    path = Path(relative)
    is_hidden = path.is_absolute() or any(part.startswith("..") for part in path.parts)
    return not is_hidden and (area.path / path).resolve().is_relative_to(area.path.resolve())


def _located(area: Area, relative: str) -> Path:
    return area.path if area.path.is_file() else area.path / relative


def _open(area: Area, relative: str, stack: ExitStack) -> _Opened:
    file = stack.enter_context(_located(area, relative).open("rb"))
    return _Opened(relative, file, os.fstat(file.fileno()))


def _facts(area: Area, relative: str) -> tuple[str, int]:
    return relative, _located(area, relative).stat().st_ino


@contextmanager
def _copied(path: Path) -> Iterator[IO[bytes]]:
    """A copy of a SQLite file, made by SQLite itself."""
    with tempfile.NamedTemporaryFile(prefix="backup-") as copy:
        try:
            with (
                closing(
                    sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=SQLITE_SECONDS)
                ) as source,
                closing(sqlite3.connect(copy.name)) as target,
            ):
                source.backup(target)
        except sqlite3.Error as error:
            raise BackupFailed(f"{path} cannot be copied: {error}.") from error
        with Path(copy.name).open("rb") as content:
            yield content
