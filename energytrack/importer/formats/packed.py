"""Extracts files from ZIP and gzip archives; recognises files that are not tables."""

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import PurePath
from typing import Final

from energytrack.importer.choices import UnreadableFile

MOST_UPLOADED_BYTES: Final = 256_000_000
"""The unpacked size of a file that is sent to a service, whose memory all users share."""
SHOWN: Final = 5
MOST_FILES: Final = 20_000
"""The most files of an archive; vibration every ten seconds makes 8,640 a day."""
BROKEN_ARCHIVE: Final = (
    zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error, lzma.LZMAError,
    MemoryError,
)  # fmt: skip
"""The errors raised when a damaged archive is read."""
_ENTRY: Final = b"PK\x01\x02"
_NO_TABLES: Final = (
    (b"%PDF", "it is a PDF: ask for the table as CSV or XLSX"),
    (b"<!doctype html", "it is a web page, perhaps one that asks to sign in: export the table as CSV or XLSX"),
    (b"<html", "it is a web page, perhaps one that asks to sign in: export the table as CSV or XLSX"),
    (b"\x89PNG", "it is a picture: export the table as CSV or XLSX"),
    (b"\xff\xd8\xff", "it is a picture: export the table as CSV or XLSX"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive: unpack it, and import what is in it"),
    (b"Rar!", "it is a RAR archive: unpack it, and import what is in it"),
    (b"SQLite format 3", "it is a database: export the table as CSV"),
    (b"\x28\xb5\x2f\xfd", "it is a zstd archive: unpack it, and import what is in it"),
    (b"\xfd7zXZ", "it is an xz archive: unpack it, and import what is in it"),
    (b"\x04\x22\x4d\x18", "it is an lz4 archive: unpack it, and import what is in it"),
    (b"{\\rtf", "it is a text document: export the table as CSV or XLSX"),
    (b"[{", "it is JSON: export the table as CSV, XLSX or Parquet"),
    (b'{"', "it is JSON: export the table as CSV, XLSX or Parquet"),
)


_WITHIN: Final = "it holds another archive: unpack it, and import what is in it"


def unpacked(raw: bytes, name: str, most: int) -> bytes:
    """The one file in an archive, or the bytes themselves; raises UnreadableFile if it is not a table."""
    if raw.startswith(b"\x1f\x8b"):
        raw = _of_gzip(raw, name, most)
        if raw.startswith(b"PK"):
            raw = _of_zip(raw, name, most, within=True)
    elif raw.startswith(b"PK"):
        raw = _of_zip(raw, name, most)
    if raw.startswith(b"\x1f\x8b"):
        raise UnreadableFile(name, _WITHIN)
    head = raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:3] == b"BZh" and head[4:10] == b"1AY&SY":
        raise UnreadableFile(name, "it is a bzip2 archive: unpack it, and import what is in it")
    for start, problem in _NO_TABLES:
        if head[: len(start)].lower() == start.lower():
            raise UnreadableFile(name, problem)
    return raw


def files_in(raw: bytes, name: str, most: int) -> tuple[str, Mapping[str, Callable[[], bytes]]]:
    """The folder of the files in a ZIP archive, and the files by name; a file that is not an archive is its only one.

    Each is unpacked when it is read, and all together have at most `most` bytes. Raises UnreadableFile.
    """
    stem = PurePath(name).stem
    if not raw.startswith(b"PK"):
        return stem, {name: lambda: unpacked(raw, name, most)}
    _check_count(raw, name)
    with _named(name):
        archive = zipfile.ZipFile(io.BytesIO(raw))
        listed = [each for each in archive.infolist() if not each.is_dir() and _is_content(each.filename)]
    folders = {PurePath(each.filename).parent for each in listed}
    if len(folders) != 1:
        raise UnreadableFile(
            name, f"its files are in {len(folders)} folders: an archive must hold the files of one machine"
        )
    if sum(each.file_size for each in listed) > most:
        raise UnreadableFile(name, _too_large(most))

    def read(entry: zipfile.ZipInfo) -> bytes:
        with _named(name):
            return archive.read(entry)

    return folders.pop().name or stem, {PurePath(each.filename).name: partial(read, each) for each in listed}


def _is_content(file: str) -> bool:
    return not file.startswith("__MACOSX/") and "/." not in f"/{file}"


@contextmanager
def _named(name: str) -> Iterator[None]:
    """A context for operations on an archive: any error in it becomes an UnreadableFile."""
    try:
        yield
    except RuntimeError as error:  # it has a password
        raise UnreadableFile(name, f"its archive cannot be opened: {error}") from error
    except BROKEN_ARCHIVE as error:
        raise UnreadableFile(name, f"it is not a workbook, and its archive is damaged: {error}") from error


def _of_gzip(raw: bytes, name: str, most: int) -> bytes:
    try:
        with gzip.open(io.BytesIO(raw)) as file:
            found = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(name, f"its gzip archive is damaged: {error}") from error
    return _limited(found, name, most)


def _of_zip(raw: bytes, name: str, most: int, *, within: bool = False) -> bytes:
    """The only file of an archive; a workbook is an archive too, and is returned as it is unless it is too large.

    An archive `within` another cannot be a workbook.
    """
    _check_count(raw, name)
    with _named(name), zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = [each.filename for each in archive.infolist() if not each.is_dir()]
        if "[Content_Types].xml" in names or "mimetype" in names:
            if sum(each.file_size for each in archive.infolist()) > most:
                raise UnreadableFile(name, _too_large(most))
            return raw
        if within:
            raise UnreadableFile(name, _WITHIN)
        files = [each for each in names if _is_content(each)]
        if len(files) != 1:
            shown = ", ".join(files[:SHOWN]) + (", …" if len(files) > SHOWN else "")
            raise UnreadableFile(name, f"its archive has {len(files)} files ({shown}): unpack it, import each")
        with archive.open(files[0]) as file:
            found = _limited(file.read(most + 1), name, most)
    return _of_zip(found, name, most, within=True) if found.startswith(b"PK\x03\x04") else found


def _check_count(raw: bytes, name: str) -> None:
    """Raises UnreadableFile before an archive is opened: the list of its files alone may take too much memory."""
    if (count := raw.count(_ENTRY)) > MOST_FILES:
        raise UnreadableFile(name, f"it holds {count:,} files, more than {MOST_FILES:,}: split it by day")


def _limited(found: bytes, name: str, most: int) -> bytes:
    if len(found) > most:
        raise UnreadableFile(name, _too_large(most))
    if not found.strip():
        raise UnreadableFile(name, "the file in its archive is empty")
    return found


def _too_large(most: int) -> str:
    return f"it unpacks to more than {most:,} bytes: split it by month"
