"""How much an old workbook (XLS) unfolds to."""

import struct

import pytest

from energytrack.importer.choices import Choices, UnreadableFile
from energytrack.importer.formats.oldbook import extent_of_xls
from energytrack.importer.reader import read_bytes
from testkit.builders.import_files import starts
from testkit.dates import MONDAY
from tests.unit.energytrack.importer.formats.test_records import compound, record

WORKBOOK = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
SHEET = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
END = record(0x0A)


def number(row: int, column: int, value: float = 1.0) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, 0, value))


def label(row: int, column: int, index: int) -> bytes:
    """A cell that shows one of the shared texts."""
    return record(0xFD, struct.pack("<HHHI", row, column, 0, index))


def shared(*texts: str) -> bytes:
    listed = b"".join(struct.pack("<HB", len(each), 0) + each.encode("latin-1") for each in texts)
    return record(0xFC, struct.pack("<II", len(texts), len(texts)) + listed)


def xls(*cells: bytes, strings: bytes = b"") -> bytes:
    """A workbook of one sheet."""
    bound = len(WORKBOOK) + len(record(0x85, bytes(8 + 2))) + len(strings) + len(END)
    listed = record(0x85, struct.pack("<IBBBB", bound, 0, 0, 2, 0) + b"s1")
    return compound(WORKBOOK + listed + strings + END + SHEET + b"".join(cells) + END)


@pytest.mark.parametrize(
    ("raw", "cells"),
    [
        (xls(number(0, 0), number(9, 4)), 50),
        (xls(number(65_535, 65_535)), 65_536 * 65_536),
        (xls(record(0xBD, struct.pack("<HH", 3, 0) + bytes(6 * 5) + struct.pack("<H", 4))), 20),
        (xls(record(0x200, struct.pack("<IIHHH", 0, 1_000_000, 0, 256, 0)), number(0, 0)), 256_000_000),
        (xls(), 0),
    ],
)
def test_a_sheet_takes_room_for_all_between_its_first_and_last_cell(raw: bytes, cells: int) -> None:
    """Or for what it says to have, which is taken before a cell is read."""
    assert extent_of_xls(raw).cells == cells


def test_a_text_counts_as_often_as_cells_show_it() -> None:
    texts = shared("kWh", "x" * 2000)
    raw = xls(*(label(row, 0, 1) for row in range(200)), label(0, 1, 0), strings=texts)
    assert extent_of_xls(raw).text == 3 * (200 * 2000 + 3)


def test_a_text_goes_on_in_the_next_record() -> None:
    """There its letters may have two bytes each."""
    first = record(0xFC, struct.pack("<IIHB", 2, 2, 10, 0) + b"12345")
    more = record(0x3C, b"\x01" + "67890".encode("utf-16-le") + struct.pack("<HB", 4, 0) + b"last")
    raw = xls(label(0, 0, 0), label(1, 0, 1), strings=first + more)
    assert extent_of_xls(raw).text == 3 * (10 + 4)


def test_an_old_workbook_is_read() -> None:
    rows = [label(0, 0, 0), label(0, 1, 1)]
    days = (MONDAY - MONDAY.replace(year=1899, month=12, day=30)).days
    for i, _ in enumerate(starts(MONDAY, 1)[:96], 1):
        rows += [number(i, 0, days + (i - 1) / 96), number(i, 1, 0.25)]
    raw = xls(*rows, strings=shared("time (UTC)", "kWh"))
    content = read_bytes(raw, "m.xls", Choices(values="interval", labels="begin"), plant_zone="UTC")
    assert [energy.total for energy in content.energy.values()] == [pytest.approx(24.0)]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (xls(number(65_535, 65_535)), "its sheets span more than 8,000,000 cells"),
        (xls(record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0))), "more than 8,000,000 cells"),
        (compound(b"", name="WordDocument"), "it is not a readable workbook: there is no workbook in it"),
    ],
)
def test_a_small_file_that_asks_for_gigabytes_is_refused_before_it_is_opened(raw: bytes, problem: str) -> None:
    with pytest.raises(UnreadableFile, match=problem):
        read_bytes(raw, "bomb.xls", Choices(), plant_zone="UTC")
