"""Files in a ZIP or gzip archive are extracted; files that are not tables are recognised."""

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
"""Unpacked, of a file that is sent to a service: its memory is that of all who use it."""
SHOWN: Final = 5
MOST_FILES: Final = 20_000
"""Of an archive; vibration each ten seconds is 8,640 a day."""
BROKEN_ARCHIVE: Final = (
    zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What reading a damaged archive raises."""
_ENTRY: Final = b"PK\x01\x02"
_NO_TABLES: Final = (
    (b"%PDF", "it is a PDF: ask for the table as CSV or XLSX"),
    (b"<!doctype html", "it is a web page, perhaps one that asks to sign in: export the table as CSV or XLSX"),
    (b"<html", "it is a web page, perhaps one that asks to sign in: export the table as CSV or XLSX"),
    (b"\x89PNG", "it is a picture: export the table as CSV or XLSX"),
    (b"\xff\xd8\xff", "it is a picture: export the table as CSV or XLSX"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive: unpack it, and import what is in it"),
    (b"Rar!", "it is a RAR archive: unpack it, and import what is in it"),
    (b"[{", "it is JSON: export the table as CSV, XLSX or Parquet"),
    (b'{"', "it is JSON: export the table as CSV, XLSX or Parquet"),
)


_WITHIN: Final = "it holds another archive: unpack it, and import what is in it"


def unpacked(raw: bytes, name: str, most: int) -> bytes:
    """The one file in an archive, or the bytes as they are; raises UnreadableFile for what is no table."""
    if raw.startswith(b"\x1f\x8b"):
        raw = _of_gzip(raw, name, most)
        if raw.startswith(b"PK"):
            raw = _of_zip(raw, name, most, within=True)
    elif raw.startswith(b"PK"):
        raw = _of_zip(raw, name, most)
    if raw.startswith(b"\x1f\x8b"):
        raise UnreadableFile(name, _WITHIN)
    head = raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, problem in _NO_TABLES:
        if head[: len(start)].lower() == start.lower():
            raise UnreadableFile(name, problem)
    return raw


def files_in(raw: bytes, name: str, most: int) -> tuple[str, Mapping[str, Callable[[], bytes]]]:
    """The files of a ZIP archive by name, and the folder that they lie in; one that is no archive is its only file.

    Each is unpacked when it is read, and all of them have at most `most` bytes. Raises UnreadableFile.
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
    """Around every operation on an archive: any error in it becomes an UnreadableFile."""
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
    """A workbook is an archive, too, and stays what it is, unless there is more in it than can be read.

    `within` another archive, it can be nothing else.
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
    """Before an archive is opened: the list of its files alone may take more room than all else."""
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
