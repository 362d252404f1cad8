"""XLSX and Parquet as sheets of texts: cells that are times are written as times, so that nothing is left to guess."""

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time
from importlib import import_module
from typing import Any, Final

import pandas as pd

from energytrack.errors import ExtraMissing
from energytrack.importer.cells.layout import TextTable, heading_of, unique_names, without_totals
from energytrack.importer.choices import FileFinding, UnreadableFile

_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
_COLUMN: Final = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})[0-9]""")
_ROW: Final = re.compile(rb"""\sr\s*=\s*["'][A-Z]{0,3}([0-9]{1,9})["']""")


def is_workbook(raw: bytes) -> bool:
    """Whether bytes are a workbook: XLSX (a zip), or the older XLS."""
    return raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def is_parquet(raw: bytes) -> bool:
    """Whether bytes are a Parquet file."""
    return raw.startswith(b"PAR1")


def sheet_of_workbook(raw: bytes, name: str, most_cells: int) -> TextTable:
    """The sheet with most rows of a workbook; raises UnreadableFile.

    A sheet takes room for all cells between its first and its last one: a few bytes can ask for gigabytes.
    """
    if raw.startswith(b"PK") and _most_cells_of_a_sheet(raw, name) > most_cells:
        raise UnreadableFile(name, f"a sheet reaches over more than {most_cells:,} cells: export the table as CSV")
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  # a second faster without it

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        tables = {title: book.get_sheet_by_name(title).to_python() for title in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(name, f"it is no workbook that can be read: {error}") from error
    title, rows = max(tables.items(), key=lambda item: len(item[1]))
    if not rows:
        raise UnreadableFile(name, "its sheets are empty")
    texts = [[_text(cell) for cell in row] for row in rows]
    sheet = _sheet(texts)
    finding = FileFinding("sheet", title, "it has the most rows" if len(tables) > 1 else "there is only this one")
    return sheet._replace(findings=(finding, *sheet.findings))


def _most_cells_of_a_sheet(raw: bytes, name: str) -> int:
    """The area of the largest sheet of an XLSX, from the addresses of its cells; 0 where it has none."""
    most = 0
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for entry in archive.namelist():
                if not _SHEET.fullmatch(entry):
                    continue
                content = archive.read(entry)
                columns = max(map(_column, set(_COLUMN.findall(content))), default=0)
                rows = max(map(int, set(_ROW.findall(content))), default=0)
                most = max(most, columns * rows)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise UnreadableFile(name, f"it is no workbook that can be read: {error}") from error
    return most


def _column(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def sheet_of_parquet(raw: bytes, name: str, most_cells: int) -> TextTable:
    """The table of a Parquet file; raises UnreadableFile, or ExtraMissing without pyarrow."""
    try:
        told = import_module("pyarrow.parquet").ParquetFile(io.BytesIO(raw)).metadata  # an extra
        if told.num_rows * told.num_columns > most_cells:
            raise UnreadableFile(name, f"it has more than {most_cells:,} cells: cut it by month")
        table = pd.read_parquet(io.BytesIO(raw))
    except ImportError as error:
        raise ExtraMissing("pyarrow", "parquet", name) from error
    except (OSError, ValueError) as error:
        raise UnreadableFile(name, f"it is no Parquet file that can be read: {error}") from error
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index()
    cells = pd.DataFrame({i: _texts(table[column]) for i, column in enumerate(table.columns)})
    return TextTable(
        tuple(map(str, table.columns)), cells, (FileFinding("format", "Parquet", "its first bytes say so"),)
    )


def _sheet(rows: Sequence[list[str]]) -> TextTable:
    heading, width = heading_of(rows[:400])
    names = rows[heading] if heading >= 0 else []
    padded = [row + [""] * (width - len(row)) for row in rows[heading + 1 :]]
    cells = pd.DataFrame(padded, columns=range(max(map(len, padded), default=width)), dtype=str).fillna("")
    findings = [FileFinding("decimal", ".", "the cells are numbers")]
    if heading > 0:
        findings.append(FileFinding("preamble", str(heading), f"{heading} rows above the headings are left out"))
    return without_totals(TextTable(unique_names(names, cells.shape[1]), cells, tuple(findings)))


def _text(cell: object) -> str:
    match cell:
        case datetime():
            return cell.isoformat(timespec="milliseconds")
        case date() | time():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case float() | int():
            return repr(cell)
        case _:
            return str(cell).strip()


def _texts(column: "pd.Series[Any]") -> list[str]:
    return ["" if pd.isna(cell) else _text(cell) for cell in column.tolist()]
