"""XLSX and Parquet as sheets of texts: cells that are times are written as times, so that nothing is left to guess."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from importlib import import_module
from typing import Any

import pandas as pd

from energytrack.errors import ExtraMissing
from energytrack.importer.cells.layout import TextTable, grouped, heading_of, unique_names, without_totals
from energytrack.importer.choices import FileFinding, UnreadableFile
from energytrack.importer.formats.extent import cells_of
from energytrack.importer.formats.packed import BROKEN_ARCHIVE


def is_workbook(raw: bytes) -> bool:
    """Whether bytes are a workbook: XLSX (a zip), or the older XLS."""
    return raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def is_parquet(raw: bytes) -> bool:
    """Whether bytes are a Parquet file."""
    return raw.startswith(b"PAR1")


def sheet_of_workbook(raw: bytes, name: str, most_cells: int, most_bytes: int) -> TextTable:
    """The sheet with most rows of a workbook; raises UnreadableFile."""
    if raw.startswith(b"PK"):
        _check_extent(raw, name, most_cells, most_bytes)
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  # a second faster without it

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        titles = book.sheet_names
        heights = {title: book.get_sheet_by_name(title).total_height for title in titles}
        title = max(titles, key=heights.__getitem__, default="")
        if not heights.get(title):
            raise UnreadableFile(name, "its sheets are empty")
        largest = book.get_sheet_by_name(title)
        if largest.total_height * largest.total_width > most_cells:
            raise UnreadableFile(name, _too_many(most_cells))
        texts = [[_text(cell) for cell in row] for row in largest.iter_rows()]
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(name, f"it is not a readable workbook: {error}") from error
    sheet = _sheet(texts)
    finding = FileFinding("sheet", title, "it has the most rows" if len(titles) > 1 else "there is only this one")
    return sheet._replace(findings=(finding, *sheet.findings))


def _check_extent(raw: bytes, name: str, most_cells: int, most_bytes: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            cells = cells_of(archive, most_bytes)
    except BROKEN_ARCHIVE as error:
        raise UnreadableFile(name, f"it is not a readable workbook: {error}") from error
    if cells > most_cells:
        raise UnreadableFile(name, _too_many(most_cells))


def _too_many(most_cells: int) -> str:
    return f"its sheets reach over more than {most_cells:,} cells: export the table as CSV"


def sheet_of_parquet(raw: bytes, name: str, most_cells: int) -> TextTable:
    """The table of a Parquet file; raises UnreadableFile, or ExtraMissing without pyarrow."""
    try:
        parquet = import_module("pyarrow.parquet").ParquetFile(io.BytesIO(raw)).metadata  # an extra
        if parquet.num_rows * parquet.num_columns > most_cells:
            raise UnreadableFile(name, f"it has more than {most_cells:,} cells: split it by month")
        table = pd.read_parquet(io.BytesIO(raw))
    except ImportError as error:
        raise ExtraMissing("pyarrow", "parquet", name) from error
    except (OSError, ValueError) as error:
        raise UnreadableFile(name, f"it is not a readable Parquet file: {error}") from error
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index()
    cells = pd.DataFrame({i: _texts(table[column]) for i, column in enumerate(table.columns)})
    return TextTable(
        tuple(map(str, table.columns)), cells, (FileFinding("format", "Parquet", "its first bytes say so"),)
    )


def _sheet(rows: Sequence[list[str]]) -> TextTable:
    heading, width = heading_of(rows[:400])
    names = grouped(rows[heading] if heading >= 0 else [], rows[heading - 1] if heading > 0 else [])
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
