"""Binary workbooks as records."""

import struct

import pytest

from energytrack.importer.formats.records import records_of, records_of_xls

SECTOR = 512
END = 0xFFFFFFFE
FREE = 0xFFFFFFFF


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def compound(stream: bytes, *, name: str = "Workbook", is_small: bool = False) -> bytes:
    """A compound file with one stream: its table of sectors, its directory, and the stream."""
    content = stream if is_small else stream.ljust(4096, b"\0")
    sectors = [content[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(content), SECTOR)]
    small_table = 2 + len(sectors) if is_small else END
    chain = [*range(3, 2 + len(sectors)), END]
    table = [0xFFFFFFFD, END, *chain, *([END] if is_small else [])]
    table += [FREE] * (SECTOR // 4 - len(table))
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(SECTOR, b"\0"))
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II", header, 44, 1, 1)
    struct.pack_into("<IIIII", header, 56, 4096, small_table, int(is_small), END, 0)
    struct.pack_into("<109I", header, 76, 0, *[FREE] * 108)
    root = entry("Root Entry", 5, 2 if is_small else END, len(content) if is_small else 0)
    directory = (root + entry(name, 2, 0 if is_small else 2, len(content))).ljust(SECTOR, b"\0")
    whole = bytes(header) + struct.pack(f"<{SECTOR // 4}I", *table) + directory + b"".join(sectors)
    if is_small:
        count = -(-len(content) // 64)
        numbers = [*range(1, count), END]
        whole += struct.pack(f"<{SECTOR // 4}I", *numbers, *[FREE] * (SECTOR // 4 - count))
    return whole


def entry(name: str, kind: int, start: int, length: int) -> bytes:
    made = bytearray(128)
    written = (name + "\0").encode("utf-16-le")
    made[: len(written)] = written
    struct.pack_into("<HBB", made, 64, len(written), kind, 1)
    struct.pack_into("<III", made, 68, FREE, FREE, 1 if kind == 5 else FREE)
    struct.pack_into("<II", made, 116, start, length)
    return bytes(made)


def test_records_follow_each_other_by_type_and_length() -> None:
    assert list(records_of(b"\x81\x01\x02ab\x07\x00")) == [(129, b"ab"), (7, b"")]
    assert list(records_of(b"\x07\x05a")) == [(7, b"a")], "cut off"


@pytest.mark.parametrize("is_small", [False, True])
@pytest.mark.parametrize("name", ["Workbook", "Book"])
def test_the_stream_of_an_old_workbook_is_found(name: str, is_small: bool) -> None:
    stream = record(0x809, b"12") + record(0x203, bytes(600)) + record(0x0A)
    found = list(records_of_xls(compound(stream, name=name, is_small=is_small)))
    assert found[:3] == [(0x809, b"12"), (0x203, bytes(600)), (0x0A, b"")]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"\xd0\xcf\x11\xe0", "it is cut off"),
        (compound(b"", name="WordDocument"), "there is no workbook in it"),
        (compound(b"")[:SECTOR], "there is no workbook in it"),
    ],
)
def test_what_is_no_workbook_says_so(raw: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        list(records_of_xls(raw))


def test_sectors_that_run_in_circles_end() -> None:
    raw = bytearray(compound(bytes(8000)))
    struct.pack_into("<I", raw, SECTOR + 4 * 5, 2)
    assert len(list(records_of_xls(bytes(raw)))) <= 2000
