"""How large a workbook becomes when it is opened, computed before: a few bytes can ask for gigabytes.

A sheet takes memory for all cells between its first and its last one. ODS repeats rows and cells by a number, in XLSX
and XLSB a single cell may be at the far end, and many cells may show one long text.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Final, NamedTuple

from energytrack.importer.formats.records import records_of

_CELL: Final = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Z]{1,3})[0-9]""")
_ROW: Final = re.compile(rb"""\sr\s*=\s*["'][A-Z]{0,3}([0-9]{1,9})["']""")
_ANY_ROW_OR_CELL: Final = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])")
_SHARED: Final = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?t\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})\s*<""")
_SAYS_SHARED: Final = re.compile(rb"""\st\s*=\s*["']s["']""")
_ITEM: Final = re.compile(rb"<(?:\w+:)?si(?=[\s/>])")
_ODS: Final = re.compile(rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*)>")
_REPEATED: Final = re.compile(rb"""\stable:number-(?:rows|columns)-repeated\s*=\s*["']\s*([0-9]{1,18})\s*["']""")
_SPACES: Final = re.compile(rb"""<text:s\s[^<>]*?text:c\s*=\s*["']\s*([0-9]{1,18})""")
_HAS_VALUE: Final = re.compile(rb"""\s(?:office|calcext):value-type\s*=""")
_BEGIN_SHEET: Final = b"\x81\x01"
_BEGIN_STRINGS: Final = b"\x9f\x01"
"""The first records of a part of XLSB."""
ROW_RECORD: Final = 0
CELL_RECORDS: Final = range(1, 12)
SHARED_RECORD: Final = 7
STRING_RECORD: Final = 19
FEWEST_BYTES: Final = 4
"""The fewest bytes of a record that begins with the number of a row or a column."""


class Extent(NamedTuple):
    """How large a workbook becomes."""

    cells: int
    """Of all sheets together."""
    text: int
    """The bytes of all texts in cells; a text counts as often as it is shown."""


class _Sheet(NamedTuple):
    cells: int
    shown: Mapping[int, int]
    """How often each shared text is shown; -1 for texts that are not known."""
    text: int = 0


def extent_of(archive: zipfile.ZipFile, most_bytes: int) -> Extent:
    """The size of all sheets; raises what `zipfile` does, and ValueError if a part has too many bytes.

    Parts are recognised by their content: their names may be any.
    """
    cells = text = 0
    strings: list[int] = []
    sheets: list[_Sheet] = []
    for entry in archive.infolist():
        content = _whole(archive, entry, most_bytes)
        if entry.filename == "content.xml":
            sheets.append(_of_ods(content))
        elif b"sheetData" in content:
            sheets.append(_of_xlsx(content))
        elif content.startswith(_BEGIN_SHEET):
            sheets.append(_of_xlsb(content))
        elif content.startswith(_BEGIN_STRINGS):
            strings += [len(record) for kind, record in records_of(content) if kind == STRING_RECORD]
        elif _ITEM.search(content) is not None:
            places = [match.start() for match in _ITEM.finditer(content)]
            strings += [end - start for start, end in zip(places, [*places[1:], len(content)], strict=True)]
    longest = max(strings, default=0)
    for sheet in sheets:
        cells += sheet.cells
        text += sheet.text
        for index, count in sheet.shown.items():
            text += count * (strings[index] if 0 <= index < len(strings) else longest)
    return Extent(cells, text)


def _whole(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """The whole content of an entry, even if the archive declares less."""
    undeclared = copy(entry)
    undeclared.file_size = most_bytes + 1
    with archive.open(undeclared) as file:
        content = file.read(most_bytes + 1)
    if len(content) != entry.file_size:
        raise ValueError(f"{entry.filename} does not have the length that the archive declares")
    return content


def _of_xlsx(content: bytes) -> _Sheet:
    rows = max(map(int, {match.group(1) for match in _ROW.finditer(content)}), default=0)
    in_column = Counter(match.group(1) for match in _CELL.finditer(content))
    columns = max(map(_column, in_column), default=0)
    if in_column.total() < sum(each == b"c" for each in _rows_and_cells(content)):
        rows = max(rows, sum(each == b"row" for each in _rows_and_cells(content)))
        columns = max(columns, _longest_row(content))  # cells without an address follow one another
    shown = Counter(int(match.group(1)) for match in _SHARED.finditer(content))
    if unknown := sum(1 for _ in _SAYS_SHARED.finditer(content)) - shown.total():
        shown[-1] = max(unknown, 0)
    return _Sheet(rows * columns, shown)


def _rows_and_cells(content: bytes) -> Iterator[bytes]:
    return (match.group(1) for match in _ANY_ROW_OR_CELL.finditer(content))


def _longest_row(content: bytes) -> int:
    """The most cells in a row; cells without an address may follow one with an address."""
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


def _of_xlsb(content: bytes) -> _Sheet:
    """[MS-XLSB] 2.1.4: records of a type, a length and as many bytes; a row or a cell begins with its number."""
    rows = columns = 0
    shown: Counter[int] = Counter()
    for kind, record in records_of(content):
        if len(record) < FEWEST_BYTES:
            continue
        place = int.from_bytes(record[:4], "little") + 1
        if kind == ROW_RECORD:
            rows = max(rows, place)
        elif kind in CELL_RECORDS:
            columns = max(columns, place)
            if kind == SHARED_RECORD:
                shown[int.from_bytes(record[8:12], "little")] += 1
    return _Sheet(rows * columns, shown)


def _of_ods(content: bytes) -> _Sheet:
    """Empty cells and rows at the end, which programs repeat up to the largest sheet, take no memory."""
    whole = rows = last_row = columns = width = repeat = last = text = 0
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
                text += max(repeat, 1) * _repeated(attributes) * _shown_in(attributes, content, match.end())
    return _Sheet(whole + last_row * columns, {}, text)


def _repeated(attributes: bytes) -> int:
    match = _REPEATED.search(attributes)
    return 1 if match is None else max(int(match.group(1)), 1)


def _has_value(attributes: bytes, content: bytes, end: int) -> bool:
    """Whether a cell has content: a value, or texts inside it."""
    return _HAS_VALUE.search(attributes) is not None or not (
        attributes.endswith(b"/") or content.startswith(b"</table:", end)
    )


def _shown_in(attributes: bytes, content: bytes, end: int) -> int:
    """The bytes of a cell's text; blanks may be written as their number."""
    if attributes.endswith(b"/"):
        return 0
    until = content.find(b"</table:", end)
    text = content[end : until if until >= 0 else len(content)]
    return len(text) + sum(int(match.group(1)) for match in _SPACES.finditer(text))
