"""How far the sheets of a workbook reach, whatever little of it there is."""

import io
import zipfile

import pytest

from energytrack.importer.choices import Choices, UnreadableFile
from energytrack.importer.formats.extent import extent_of
from energytrack.importer.reader import read_bytes
from testkit.builders.import_files import starts
from testkit.dates import MONDAY

CELL = '<table:table-cell office:value-type="float" office:value="1"/>'
EMPTY = "<table:table-cell/>"
NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def packed(**entries: str | bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


def ods(*tables: str) -> bytes:
    sheets = "".join(f'<table:table table:name="s{i}">{table}</table:table>' for i, table in enumerate(tables))
    body = f"<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
    return packed(
        **{
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest:manifest/>",
            "content.xml": f"<office:document-content {NAMESPACES}>{body}</office:document-content>",
        }
    )


def row(*cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'


def times(cell: str, count: int) -> str:
    return cell.replace("<table:table-cell", f'<table:table-cell table:number-columns-repeated="{count}"')


def cells(raw: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return extent_of(archive, 1_000_000).cells


def xlsx(sheet: str) -> bytes:
    body = f"<worksheet><sheetData>{sheet}</sheetData></worksheet>"
    return packed(**{"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": body})


BEGIN = b"\x81\x01\x00"
"""The first record of a sheet of XLSB."""


def record(kind: int, place: int) -> bytes:
    """Of XLSB: a row or a number."""
    return bytes([kind, 12]) + place.to_bytes(4, "little") + bytes(8)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (ods(row(CELL, CELL) + row(CELL)), 4),
        (ods(row(times(CELL, 1000), repeated=1_000_000)), 1_000_000_000),
        (ods(row(times(EMPTY, 1000), CELL)), 1001),
        (ods(row(CELL) + row(times(EMPTY, 1024), repeated=1_048_575)), 1),
        (ods(row(CELL) + row(EMPTY, repeated=9) + row(CELL)), 11),
        (ods(row(CELL), row(CELL, CELL)), 3),
        (ods(row("<table:table-cell><text:p>kWh</text:p></table:table-cell>", EMPTY)), 1),
        (ods('<table:table-row table:number-rows-repeated="7"/>' + row(CELL)), 8),
        (xlsx('<row r="1"><c r="A1"/></row><row r="9"><c r="AA9" s="1"><v>1</v></c></row>'), 9 * 27),
        (xlsx(f'<row>{"<c><v>1</v></c>" * 50}</row><row r="1000"><c/></row>'), 1000 * 50),
        (packed(**{"xl/worksheets/sheet1.bin": BEGIN + record(0, 0) + record(5, 9) + record(0, 1999)}), 2000 * 10),
        (packed(**{"xl/worksheets/sheet1.bin": BEGIN + b"\x00\xff"}), 0),
    ],
)  # fmt: skip
def test_the_cells_that_a_workbook_unfolds_to(raw: bytes, expected: int) -> None:
    assert cells(raw) == expected


def test_an_entry_that_is_longer_than_it_says_is_refused() -> None:
    """What is said of it stands in the archive's list of files, and other programs do not look there."""
    raw = bytearray(ods(row(times(CELL, 1000), repeated=1_000_000)))
    at = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"content.xml"))
    raw[at + 24 : at + 28] = (9).to_bytes(4, "little")
    with pytest.raises(ValueError, match=r"content\.xml does not have the length that the archive declares"):
        cells(bytes(raw))


@pytest.mark.parametrize(("columns", "rows"), [(1000, 1_000_000), (16_384, 1_048_576), (9_000, 1000)])
def test_a_file_of_a_kilobyte_that_asks_for_gigabytes_is_refused_before_it_is_opened(columns: int, rows: int) -> None:
    raw = ods(row(times(CELL, columns), repeated=rows))
    assert len(raw) < 1500
    with pytest.raises(UnreadableFile, match="its sheets span more than 8,000,000 cells: export the table as CSV"):
        read_bytes(raw, "bomb.ods", Choices(), plant_zone="UTC")


def test_a_sheet_of_a_free_office_program_is_read() -> None:
    """With the rows and columns that such programs repeat up to the end of the largest sheet."""
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    value = '<table:table-cell office:value-type="float" office:value="0.25"/>'
    body = row(text.format("time"), text.format("kWh"), times(EMPTY, 1022))
    body += "".join(row(text.format(f"{at:%Y-%m-%dT%H:%MZ}"), value, times(EMPTY, 1022)) for at in starts(MONDAY, 1))
    raw = ods(body + row(times(EMPTY, 1024), repeated=1_048_479))
    content = read_bytes(raw, "m.ods", Choices(values="interval", labels="begin"), plant_zone="UTC")
    assert [energy.total for energy in content.energy.values()] == [pytest.approx(24.0)]


def test_a_cell_outside_a_row_is_no_fault_of_ours() -> None:
    assert cells(ods(EMPTY + row(CELL))) == 1


def text(raw: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return extent_of(archive, 1_000_000).text


LONG = "x" * 10_000


@pytest.mark.parametrize(
    "raw",
    [
        packed(**{
            "[Content_Types].xml": "<Types/>", "xl/sharedStrings.xml": f"<sst><si>a</si><si>{LONG}</si></sst>",
            "xl/worksheets/sheet1.xml": "<sheetData>" + '<c r="A1" t="s"><v>1</v></c>' * 500 + "</sheetData>",
        }),
        ods(row(times(f"<table:table-cell><text:p>{LONG}</text:p></table:table-cell>", 50), repeated=10)),
        ods(row('<table:table-cell><text:p><text:s text:c="5000000"/></text:p></table:table-cell>')),
        packed(**{
            "xl/sharedStrings.bin": b"\x9f\x01\x00" + b"\x13\x90\x4e" + bytes(10_000),
            "xl/worksheets/sheet1.bin": b"\x81\x01\x00" + (b"\x07\x0c" + bytes(12)) * 500,
        }),
    ],
)  # fmt: skip
def test_a_text_counts_as_often_as_cells_show_it(raw: bytes) -> None:
    """A file of some kilobytes that would take 5 MB."""
    assert len(raw) < 10_000
    assert 5_000_000 <= text(raw) < 6_000_000


def test_a_sheet_is_known_by_its_content_whatever_it_is_called() -> None:
    sheet = '<sheetData><row r="1"><c r="A1"/></row><row r="1000000"><c r="XFD1000000"/></row></sheetData>'
    raw = packed(**{"[Content_Types].xml": "<Types/>", "xl/harmless.png": sheet})
    with pytest.raises(UnreadableFile, match="more than 8,000,000 cells"):
        read_bytes(raw, "load.xlsx", Choices(), plant_zone="UTC")
