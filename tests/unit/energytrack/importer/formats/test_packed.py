"""Archives, and files that are no tables."""

import gzip
import io
import zipfile

import pytest

from energytrack.importer.choices import UnreadableFile
from energytrack.importer.formats.packed import unpacked

MOST = 1000


def archive(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packing:
        for name, content in files.items():
            packing.writestr(name, content)
    return written.getvalue()


def problem(raw: bytes) -> str:
    with pytest.raises(UnreadableFile) as told:
        unpacked(raw, "load.zip", MOST)
    return told.value.problem


def test_the_one_file_of_an_archive_is_what_was_meant() -> None:
    table = b"Zeit;kWh\n"
    assert unpacked(archive(load=table), "load.zip", MOST) == table
    assert unpacked(gzip.compress(table), "load.csv.gz", MOST) == table
    assert unpacked(table, "load.csv", MOST) == table


def test_a_workbook_is_an_archive_and_stays_one() -> None:
    book = archive(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b""})
    assert unpacked(book, "load.xlsx", MOST) == book


def test_what_cannot_be_taken_out_is_named() -> None:
    assert problem(archive(a=b"1", b=b"2")) == "its archive has 2 files (a, b): unpack it, import each"
    assert problem(archive(load=b"0" * 2000)) == "it unpacks to more than 1,000 bytes: cut it by month"
    assert problem(gzip.compress(b"0" * 2000)) == "it unpacks to more than 1,000 bytes: cut it by month"
    assert problem(archive(load=b"")) == "what is in its archive is empty"
    assert "its archive is broken" in problem(archive(load=b"0" * 2000)[:60])
    assert "its gzip archive is broken" in problem(gzip.compress(b"0" * 100)[:20])


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"%PDF-1.7", "PDF"), (b"\xef\xbb\xbf<!DOCTYPE html>", "web page"), (b"\n<HTML>", "web page"),
        (b"\x89PNG\r\n", "picture"), (b'[{"time": 1}]', "JSON"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(raw: bytes, word: str) -> None:
    assert word in problem(raw)
