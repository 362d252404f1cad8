"""How many cells a workbook unfolds to, computed before it is opened: a few bytes can ask for gigabytes.

A sheet takes room for all cells between its first and its last one. ODS repeats rows and cells by a number, and in XLSX
and XLSB a single cell may lie at the far end.
"""

import re
import zipfile
from collections.abc import Iterator
from copy import copy
from typing import Final

_XLSX_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
_XLSB_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.bin", re.I)
_CELL: Final = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Z]{1,3})[0-9]""")
_ROW: Final = re.compile(rb"""\sr\s*=\s*["'][A-Z]{0,3}([0-9]{1,9})["']""")
_ANY_ROW_OR_CELL: Final = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])")
_ODS: Final = re.compile(rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*)>")
_REPEATED: Final = re.compile(rb"""\stable:number-(?:rows|columns)-repeated\s*=\s*["']\s*([0-9]{1,18})\s*["']""")
_HAS_VALUE: Final = re.compile(rb"""\s(?:office|calcext):value-type\s*=""")
ROW_RECORD: Final = 0
CELL_RECORDS: Final = range(1, 12)
FEWEST_BYTES: Final = 4
"""Of a record that begins with the number of a row or a column."""


def cells_of(archive: zipfile.ZipFile, most_bytes: int) -> int:
    """The cells of all sheets together; raises what `zipfile` does, and ValueError where a sheet has too many bytes."""
    return sum(_cells_of(archive, entry, most_bytes) for entry in archive.infolist())


def _cells_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> int:
    if _XLSX_SHEET.fullmatch(entry.filename):
        return _of_xlsx(_whole(archive, entry, most_bytes))
    if _XLSB_SHEET.fullmatch(entry.filename):
        return _of_xlsb(_whole(archive, entry, most_bytes))
    if entry.filename == "content.xml":
        return _of_ods(_whole(archive, entry, most_bytes))
    return 0


def _whole(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """All that is in an entry, however little of it the archive declares."""
    undeclared = copy(entry)
    undeclared.file_size = most_bytes + 1
    with archive.open(undeclared) as file:
        content = file.read(most_bytes + 1)
    if len(content) != entry.file_size:
        raise ValueError(f"{entry.filename} does not have the length that the archive declares")
    return content


def _of_xlsx(content: bytes) -> int:
    rows = max(map(int, {match.group(1) for match in _ROW.finditer(content)}), default=0)
    columns = max(map(_column, {match.group(1) for match in _CELL.finditer(content)}), default=0)
    if sum(1 for _ in _CELL.finditer(content)) < sum(each == b"c" for each in _rows_and_cells(content)):
        rows = max(rows, sum(each == b"row" for each in _rows_and_cells(content)))
        columns = max(columns, _longest_row(content))  # cells without an address follow one another
    return rows * columns


def _rows_and_cells(content: bytes) -> Iterator[bytes]:
    return (match.group(1) for match in _ANY_ROW_OR_CELL.finditer(content))


def _longest_row(content: bytes) -> int:
    """The most cells of a row; behind one with an address, others without may follow."""
    longest = current = 0
    for each in _rows_and_cells(content):
        current = 0 if each == b"row" else current + 1
        longest = max(longest, current)
    return longest


def _column(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _of_xlsb(content: bytes) -> int:
    """[MS-XLSB] 2.1.4: records of a type, a length and so many bytes; a row or a cell begins with its number."""
    rows = columns = at = 0
    while at < len(content):
        kind, at = _number(content, at, 2)
        size, at = _number(content, at, 4)
        if size >= FEWEST_BYTES:
            place = int.from_bytes(content[at : at + 4], "little") + 1
            if kind == ROW_RECORD:
                rows = max(rows, place)
            elif kind in CELL_RECORDS:
                columns = max(columns, place)
        at += size
    return rows * columns


def _number(content: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and where it ends."""
    number = 0
    for place in range(longest):
        if at >= len(content):
            break
        byte = content[at]
        number |= (byte & 0x7F) << (7 * place)
        at += 1
        if byte < 0x80:
            break
    return number, at


def _of_ods(content: bytes) -> int:
    """Empty cells and rows at the end, which programs repeat up to the largest sheet, take no room."""
    whole = rows = last_row = columns = width = repeat = last = 0
    for match in _ODS.finditer(content):
        closing, name, attributes = match.groups()
        if name == b"table-row":
            if not closing:
                width, last, repeat = 0, 0, _repeated(attributes)
            if closing or attributes.endswith(b"/"):
                rows += repeat
                if width:
                    last_row, columns = rows, max(columns, width)
        elif name == b"table":
            if closing:
                whole += last_row * columns
                rows = last_row = columns = 0
        elif not closing:
            last += _repeated(attributes)
            if _has_value(attributes, content, match.end()):
                width = last
    return whole + last_row * columns


def _repeated(attributes: bytes) -> int:
    match = _REPEATED.search(attributes)
    return 1 if match is None else max(int(match.group(1)), 1)


def _has_value(attributes: bytes, content: bytes, end: int) -> bool:
    """Whether a cell holds something: a value, or texts inside it."""
    return _HAS_VALUE.search(attributes) is not None or not (
        attributes.endswith(b"/") or content.startswith(b"</table:", end)
    )
