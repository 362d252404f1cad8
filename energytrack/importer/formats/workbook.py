"""XLSX and Parquet as sheets of texts: cells that are times are written as times, so that nothing has to be guessed."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from importlib import import_module
from typing import Any, Final

import pandas as pd

from energytrack.errors import ExtraMissing
from energytrack.importer.cells.headings import heading_of, headings_in, unique_names
from energytrack.importer.cells.layout import TextTable, without_totals
from energytrack.importer.choices import FileFinding, UnreadableFile
from energytrack.importer.formats.extent import extent_of
from energytrack.importer.formats.oldbook import extent_of_xls
from energytrack.importer.formats.packed import BROKEN_ARCHIVE

_SINCE_1904: Final = re.compile(rb"""<(?:\w+:)?workbookPr\s[^<>]*?date1904\s*=\s*["'](1|true)["']""")
TEXT_TYPES: Final = frozenset({"string", "large_string", "binary", "large_binary"})
"""Types of Parquet columns that are texts."""


def is_workbook(raw: bytes) -> bool:
    """Whether bytes are a workbook: XLSX (a ZIP archive), or the older XLS."""
    return raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def is_parquet(raw: bytes) -> bool:
    """Whether bytes are a Parquet file."""
    return raw.startswith(b"PAR1")


def sheet_of_workbook(raw: bytes, name: str, most_cells: int, most_bytes: int) -> TextTable:
    """The sheet with the most rows of a workbook; raises UnreadableFile."""
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
    findings = [FileFinding("sheet", title, "it has the most rows" if len(titles) > 1 else "there is only this one")]
    if counts_since_1904(raw):
        findings.append(FileFinding("epoch", "1904", "the workbook says that it counts days since then"))
    return sheet._replace(findings=(*findings, *sheet.findings))


def _check_extent(raw: bytes, name: str, most_cells: int, most_bytes: int) -> None:
    try:
        if raw.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                extent = extent_of(archive, most_bytes)
        else:
            extent = extent_of_xls(raw)
    except BROKEN_ARCHIVE as error:
        raise UnreadableFile(name, f"it is not a readable workbook: {error}") from error
    if extent.cells > most_cells:
        raise UnreadableFile(name, _too_many(most_cells))
    if extent.text > most_bytes:
        raise UnreadableFile(name, _too_long(most_bytes))


def _too_many(most_cells: int) -> str:
    return f"its sheets span more than {most_cells:,} cells: export the table as CSV"


def _too_long(most_bytes: int) -> str:
    return f"the texts in its cells unfold to more than {most_bytes:,} bytes: export the table as CSV"


def counts_since_1904(raw: bytes) -> bool:
    """Whether an XLSX declares that it counts days since 1904."""
    if not raw.startswith(b"PK"):
        return False
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return any(
            _SINCE_1904.search(archive.read(entry)) is not None
            for entry in archive.infolist()
            if entry.filename == "xl/workbook.xml"
        )


def sheet_of_parquet(raw: bytes, name: str, most_cells: int, most_bytes: int) -> TextTable:
    """The table of a Parquet file; raises UnreadableFile, or ExtraMissing without pyarrow."""
    try:
        parquet = import_module("pyarrow.parquet")  # an optional dependency
    except ImportError as error:
        raise ExtraMissing("pyarrow", "parquet", name) from error
    try:
        file = parquet.ParquetFile(io.BytesIO(raw))
        _check_parquet(file.metadata, name, most_cells, most_bytes)
        if len(file.schema_arrow.names) != file.metadata.num_columns:
            raise UnreadableFile(name, "its columns hold lists or records: export them as columns of their own")
        texts = [field.name for field in file.schema_arrow if str(field.type) in TEXT_TYPES]
        file = parquet.ParquetFile(io.BytesIO(raw), read_dictionary=texts)  # a repeated text is stored once
        arrow = file.read()
        _check_texts([arrow.column(text) for text in texts], name, most_bytes)
        table = arrow.to_pandas()
    except (OSError, ValueError, MemoryError) as error:
        raise UnreadableFile(name, f"it is not a readable Parquet file: {error}") from error
    if not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index()
    cells = pd.DataFrame({i: _texts(table[column]) for i, column in enumerate(table.columns)})
    return TextTable(
        tuple(map(str, table.columns)), cells, (FileFinding("format", "Parquet", "its first bytes say so"),)
    )


def _check_texts(columns: Sequence[Any], name: str, most_bytes: int) -> None:
    """Raises UnreadableFile if texts, each of which is stored once, would take more memory than they should."""
    compute, whole = import_module("pyarrow.compute"), 0
    for column in columns:
        for chunk in column.chunks:
            lengths = compute.cast(compute.binary_length(chunk.dictionary), "int64")
            whole += compute.sum(compute.take(lengths, chunk.indices)).as_py() or 0
    if whole > most_bytes:
        raise UnreadableFile(name, _too_long(most_bytes))


def _check_parquet(metadata: Any, name: str, most_cells: int, most_bytes: int) -> None:
    """Raises UnreadableFile for more rows or bytes than memory should hold, by the metadata at the end of the file."""
    if metadata.num_rows * metadata.num_columns > most_cells:
        raise UnreadableFile(name, f"it has more than {most_cells:,} cells: split it by month")
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    if sum(group.num_rows for group in groups) != metadata.num_rows:
        raise UnreadableFile(name, "its row groups are not as long as the file declares")
    columns = [group.column(i) for group in groups for i in range(group.num_columns)]
    if sum(column.num_values for column in columns) > most_cells:
        raise UnreadableFile(name, f"it has more than {most_cells:,} cells: split it by month")
    if sum(max(column.total_uncompressed_size, 0) for column in columns) > most_bytes:
        raise UnreadableFile(name, f"it unpacks to more than {most_bytes:,} bytes: split it by month")


def _sheet(rows: Sequence[list[str]]) -> TextTable:
    heading, width = heading_of(rows[:400])
    names, above = headings_in(rows, heading)
    padded = [row + [""] * (width - len(row)) for row in rows[heading + 1 :]]
    cells = pd.DataFrame(padded, columns=range(max(map(len, padded), default=width)), dtype=str).fillna("")
    findings = [FileFinding("decimal", ".", "the cells are numbers")]
    if above > 0:
        findings.append(FileFinding("preamble", str(above), f"{above} rows above the headings are left out"))
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
