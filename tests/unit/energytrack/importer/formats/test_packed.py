"""Archives, and files that are no tables."""

import gzip
import io
import zipfile

import pytest

from energytrack.importer.choices import UnreadableFile
from energytrack.importer.formats import packed
from energytrack.importer.formats.packed import MOST_FILES, files_in, unpacked

MOST = 1000


def archive(method: int = zipfile.ZIP_DEFLATED, /, **files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as packing:
        for name, content in files.items():
            packing.writestr(name, content)
    return written.getvalue()


def problem(raw: bytes) -> str:
    with pytest.raises(UnreadableFile) as error:
        unpacked(raw, "load.zip", MOST)
    return error.value.problem


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
    assert problem(archive(load=b"0" * 2000)) == "it unpacks to more than 1,000 bytes: split it by month"
    assert problem(gzip.compress(b"0" * 2000)) == "it unpacks to more than 1,000 bytes: split it by month"
    assert problem(archive(load=b"")) == "the file in its archive is empty"
    assert "its archive is damaged" in problem(archive(load=b"0" * 2000)[:60])
    assert "its gzip archive is damaged" in problem(gzip.compress(b"0" * 100)[:20])


def test_an_archive_within_an_archive_is_named() -> None:
    """A workbook in one is what was meant, as long as it is none that unpacks to more than can be read."""
    book = archive(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b""})
    assert unpacked(archive(**{"load.xlsx": book}), "load.zip", MOST) == book
    assert unpacked(gzip.compress(book), "load.xlsx.gz", MOST) == book
    large = archive(**{"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": b"0" * 2000})
    table = archive(load=b"Zeit;kWh\n")
    error = "it holds another archive: unpack it, and import what is in it"
    for packing in (lambda raw: archive(inner=raw), gzip.compress):
        assert problem(packing(large)) == "it unpacks to more than 1,000 bytes: split it by month"
        assert problem(packing(table)) == error
        assert problem(packing(gzip.compress(b"Zeit;kWh\n"))) == error


def test_an_archive_of_countless_files_is_refused_before_its_list_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_FILES", 5)
    raw = archive(**{f"{i}.csv": b"" for i in range(6)})
    assert MOST_FILES > 8640, "a day of vibration each ten seconds"
    for read in (unpacked, files_in):
        with pytest.raises(UnreadableFile, match="it holds 6 files, more than 5: split it by day"):
            read(raw, "v.zip", 10_000)


def test_a_workbook_with_more_in_it_than_can_be_read_is_refused() -> None:
    book = archive(**{"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": b"0" * 2000})
    assert problem(book) == "it unpacks to more than 1,000 bytes: split it by month"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_with_any_byte_changed_is_read_or_named(method: int) -> None:
    """However it is packed, and whatever part is damaged: the list of files, a name, or the content."""
    table = "".join(f"{minute:04};{minute * 7919 % 1000}\n" for minute in range(60)).encode()
    raw = archive(method, **{"Last März.csv": table})
    for place in range(2, len(raw)):
        damaged = bytearray(raw)
        damaged[place] ^= 0x9B
        try:
            unpacked(bytes(damaged), "load.zip", MOST)
        except UnreadableFile as error:
            assert error.problem  # noqa: PT017 -- some bytes may be changed without harm


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"%PDF-1.7", "PDF"), (b"\xef\xbb\xbf<!DOCTYPE html>", "web page"), (b"\n<HTML>", "web page"),
        (b"\x89PNG\r\n", "picture"), (b'[{"time": 1}]', "JSON"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(raw: bytes, word: str) -> None:
    assert word in problem(raw)
