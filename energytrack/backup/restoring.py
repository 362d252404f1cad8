"""Checks archives, and restores them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import msgspec

from energytrack.backup.archive import ArchiveMember, ArchiveReader, reading
from energytrack.backup.areas import PREFIX, Area, put_member
from energytrack.backup.errors import BackupFailed, Damaged, reporting
from energytrack.backup.making import DATABASE, FAMILY, MARKS, SKEW, FinishedBackup
from energytrack.backup.manifest import FORMAT, ArchiveAbout
from energytrack.store import Store
from energytrack.store.contents import CollectionForm, Contents, MeterMark, decode_marks, split
from energytrack.store.schema import VERSION

AT_ONCE: Final = 2_000
"""Documents per round trip."""
RECENT: Final = 10_000
"""How many recent imports are checked for one that was in progress."""


@reporting("The backup cannot be read")
def check(file: Path, key: Path | None) -> FinishedBackup:
    """Read all of an archive; raises BackupFailed if it is incomplete, or cannot be restored by this release."""
    with _opened(file, key) as archive:
        refuse_newer(archive.about)
        for member in archive.members():
            if member.name.endswith(".bson"):
                _check_documents(member)
    return _made(file, archive)


@reporting("The backup cannot be restored")
def restore_database(
    file: Path, key: Path | None, contents: Contents, store: Store, *, replace: bool,
    note: Callable[[str], None] = lambda _: None,
) -> FinishedBackup:  # fmt: skip
    """Replace the database by the one in an archive; services refuse to start until it is done.

    Raises BackupFailed, with nothing changed, if the archive is incomplete, or if the database is not empty (except
    with `replace`, or after an interrupted restore).
    """
    check(file, key)
    if not replace:
        _refuse_filled(contents)
    contents.begin(file.name)
    marks: dict[str, MeterMark] = {}
    with _opened(file, key) as archive:
        loading = _Loading(contents, note)
        for member in archive.members():
            if member.name == MARKS:
                marks.update(decode_marks(member.read_all()))
            elif member.name.startswith(f"{DATABASE}/"):
                loading.take(member)
        loading.end_family()
    note("indexes")
    for family in loading.families:
        contents.create_indexes(family)
    _set_right(store, marks, archive.about)
    contents.finish(archive.about.schema)
    return _made(file, archive)


def _refuse_filled(contents: Contents) -> None:
    """Raise BackupFailed if the database is not empty, except after an interrupted restore."""
    filled = contents.filled()
    if filled and contents.unfinished() is None:
        raise BackupFailed(
            f"The database is not empty ({', '.join(filled[:3])}{', …' if len(filled) > 3 else ''}): "
            "restore with --replace to delete all of it first."
        )


@reporting("The backup cannot be restored")
def restore_files(file: Path, key: Path | None, areas: Sequence[Area], *, owners: bool = False) -> Sequence[str]:
    """Write an archive's files to their places; returns the names of those that have no place here."""
    with _opened(file, key) as archive:
        return [
            member.name
            for member in archive.members()
            if member.name.startswith(f"{PREFIX}/") and not put_member(member, areas, owners=owners)
        ]


def refuse_newer(about: ArchiveAbout) -> None:
    """Raises BackupFailed if a newer release made the archive."""
    if about.format > FORMAT or about.schema > VERSION:
        raise BackupFailed(
            f"The backup was made by a newer release ({about.release}, data of form {about.schema}; this one knows "
            f"{VERSION}): restore it with that release (docs/upgrading.md)."
        )


class _Loading:
    """Loads the members of a database, one collection after the other."""

    def __init__(self, contents: Contents, note: Callable[[str], None]) -> None:
        self._contents = contents
        self._note = note
        self._waiting: list[bytes] = []
        self.families: list[CollectionForm] = []

    def take(self, member: ArchiveMember) -> None:
        """Load the next member: the form of a collection, or some of its documents."""
        if member.name.endswith(f"/{FAMILY}"):
            self.end_family()
            family = msgspec.json.decode(member.read_all(), type=CollectionForm)
            self._note(f"collection {family.name}")
            self._contents.create(family)
            self.families.append(family)
            return
        self._waiting += split(member.read_all())
        while len(self._waiting) >= AT_ONCE:
            self._put(AT_ONCE)

    def end_family(self) -> None:
        """Store the remaining documents of a collection."""
        if self._waiting:
            self._put(len(self._waiting))

    def _put(self, count: int) -> None:
        some, self._waiting = self._waiting[:count], self._waiting[count:]
        self._contents.insert(self.families[-1].name, some)


def _set_right(store: Store, marks: dict[str, MeterMark], about: ArchiveAbout) -> None:
    """Have the historian recount what changed while the backup was made."""
    for meters, is_machine in ((store.meters, True), (store.meter_states, False)):
        own = {name: mark for name, mark in marks.items() if mark.is_machine is is_machine}
        begun = {name: mark.begun for name, mark in own.items() if mark.begun is not None}
        if begun:
            meters.begin(begun)
        for name, mark in own.items():
            if mark.recount_from is not None:
                meters.mark(name, mark.recount_from)
    since = about.started_at - SKEW
    for batch in store.imports.newest(RECENT):
        if batch.at >= since or (batch.taken_back_at is not None and batch.taken_back_at >= since):
            days = list(_days(batch.first.date(), batch.last.date()))
            store.imports.mark(batch.batch_id, [(machine, day) for machine in batch.machines for day in days])
    store.finished_parts.open_again(since)


def _days(first: date, last: date) -> Iterator[date]:
    """All days that may contain a value, in any time zone."""
    day = first - timedelta(days=1)
    while day <= last + timedelta(days=1):
        yield day
        day += timedelta(days=1)


def _check_documents(member: ArchiveMember) -> None:
    raw = member.read_all()
    if sum(map(len, split(raw))) != len(raw):
        raise Damaged(f"The backup is damaged: {member.name} ends in the middle of a document.")


@contextmanager
def _opened(file: Path, key: Path | None) -> Iterator[ArchiveReader]:
    try:
        with reading(file, key) as archive:
            yield archive
    except FileNotFoundError as error:
        raise BackupFailed(f"There is no file {file}.") from error


def _made(file: Path, archive: ArchiveReader) -> FinishedBackup:
    if archive.manifest is None:
        raise Damaged(f"The backup {file} is incomplete.")
    return FinishedBackup(file, archive.about, archive.manifest)
