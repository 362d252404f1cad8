"""Long tables, streamed: JSON and CSV row by row, XLSX from a file on the disk."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import IO, Any, Final, Literal

import flask
import msgspec
import xlsxwriter
from flask import Response
from msgspec import Struct

from control_api.http.csv_export import FORMULA_STARTS
from control_api.http.problems import Problem

Separator = Literal["comma", "semicolon"]
BOM: Final = "\ufeff"
ROWS_AT_ONCE: Final = 500
MAX_XLSX_ROWS: Final = 1_000_000
"""A sheet has 1,048,576."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_RESPONSE: Final = {"description": "XLSX", "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}


def json_rows(head: dict[str, Any], rows: Iterable[Struct]) -> Response:
    """A JSON object with some members, and `rows`; a failure before the first row is an ordinary error response."""
    take_time()
    rows = started(rows)

    def parts() -> Iterator[bytes]:
        yield msgspec.json.encode(head)[:-1] + (b"," if head else b"") + b'"rows":['
        encode = msgspec.json.Encoder().encode
        for number, some in enumerate(in_pieces(rows)):
            yield (b"," if number else b"") + b",".join(encode(row) for row in some)
        yield b"]}"

    return Response(parts(), content_type="application/json")


def csv_rows(name: str, kind: type[Struct], rows: Iterable[Struct], *, separator: Separator = "comma") -> Response:
    """A CSV file; with semicolons it has a byte order mark and decimal commas, as spreadsheets in Europe expect it."""
    take_time()
    rows = started(rows)
    columns = columns_of(kind)
    in_europe = separator == "semicolon"

    def parts() -> Iterator[str]:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, delimiter=";" if in_europe else ",")
        buffer.write(BOM if in_europe else "")
        writer.writerow(columns)
        for some in in_pieces(rows):
            writer.writerows([_cell(getattr(row, column), in_europe=in_europe) for column in columns] for row in some)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
        yield buffer.getvalue()

    return _file(parts(), f"{name}.csv", "text/csv; charset=utf-8")


def xlsx_rows(name: str, kind: type[Struct], rows: Iterable[Struct]) -> Response:
    """An XLSX file, written to the disk row by row and sent from there; numbers are numbers, times are times."""
    take_time()
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed when it is sent
    try:
        _write_sheet(file, name, columns_of(kind), rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)

    def parts() -> Iterator[bytes]:
        with file:
            yield from iter(lambda: file.read(1 << 16), b"")

    return _file(parts(), f"{name}.xlsx", XLSX)


def _write_sheet(file: IO[bytes], name: str, columns: Sequence[str], rows: Iterable[Struct]) -> None:
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(name)
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 18)
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            if number > MAX_XLSX_ROWS:
                raise Problem(
                    "too_many_rows", f"A sheet holds at most {MAX_XLSX_ROWS:,} rows. Ask for less, or for CSV."
                )
            for place, column in enumerate(columns):
                _write_cell(sheet, number, place, getattr(row, column), moment)


def _write_cell(sheet: Any, row: int, column: int, value: Any, moment: Any) -> None:
    """A value by its type, times in the format `moment`; None leaves the cell empty."""
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), moment)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, dict | tuple):
        sheet.write_string(row, column, _cell(value, in_europe=False))
    elif value is not None:
        sheet.write_number(row, column, value)


def take_time() -> None:
    """Allow a request more time than a page: an export reads a lot, piece by piece.

    Not if an earlier answer can be given instead (`control_api.last_answers`).
    """
    if flask.g.get("is_bounded"):
        return
    waiting = flask.g.pop("waiting", None)
    if waiting is not None:
        waiting.close()


def columns_of(kind: type[Struct]) -> Sequence[str]:
    """The columns of a table of structs: their fields."""
    return [field.name for field in msgspec.structs.fields(kind)]


def started(rows: Iterable[Struct]) -> Iterable[Struct]:
    """The same rows, with the first one already made, so that a failure becomes an error response."""
    following = iter(rows)
    return chain([first], following) if (first := next(following, None)) is not None else ()


def in_pieces(rows: Iterable[Struct]) -> Iterator[list[Struct]]:
    """Some hundred rows at a time."""
    piece: list[Struct] = []
    for row in rows:
        piece.append(row)
        if len(piece) == ROWS_AT_ONCE:
            yield piece
            piece = []
    if piece:
        yield piece


def _file(parts: Iterator[Any], name: str, content_type: str) -> Response:
    response = Response(parts, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(value: object, *, in_europe: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds" if value.microsecond == 0 else "milliseconds")
    if isinstance(value, float):
        text = repr(round(value, 6))
        return text.replace(".", ",") if in_europe else text
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    if isinstance(value, tuple):
        return " ".join(_cell(each, in_europe=in_europe) for each in value)
    return msgspec.json.encode(value).decode()
