"""Lists as CSV (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from flask import Response
from msgspec import Struct

MAX_ROWS: Final = 100_000
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet reads a cell that starts like this as a formula, so it gets an apostrophe in front (OWASP)."""
CSV_RESPONSE: Final = {"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}


def table(name: str, kind: type[Struct], rows: Iterable[Struct]) -> Response:
    """Structs of one type as a CSV file with a column for each field, in the order of the fields."""
    columns = [field.name for field in msgspec.structs.fields(kind)]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(getattr(row, column)) for column in columns])
    response = Response(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(FORMULA_STARTS) and isinstance(value, str) else text
