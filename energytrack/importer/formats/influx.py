"""Annotated CSV of InfluxDB 2, as its web page and `influx query` export it: tables one after the other."""

import csv
import io

import pandas as pd

from energytrack.importer.cells.layout import TextTable
from energytrack.importer.choices import FileFinding, UnreadableFile

_OWN = {"", "result", "table", "_start", "_stop"}


def is_annotated(head: str) -> bool:
    """Whether a text begins like such an export."""
    return head.lstrip("\ufeff").startswith(("#group,", "#datatype,", "#default,"))


def sheet_of_annotated(text: str, name: str) -> TextTable:
    """One long table of all tables: `_time`, `_value`, and a name made of measurement, field and tags."""
    tables = []
    blocks = [block for block in text.lstrip("\ufeff").replace("\r\n", "\n").split("\n\n") if block.strip()]
    for block in blocks:
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if len(lines) > 1:
            try:
                tables.append(pd.read_csv(io.StringIO("\n".join(lines)), dtype=str, keep_default_na=False))
            except (pd.errors.ParserError, csv.Error) as error:
                raise UnreadableFile(name, f"its table {len(tables) + 1} is damaged: {error}") from error
    if not tables or any("_time" not in table or "_value" not in table for table in tables):
        raise UnreadableFile(
            name, "its tables have no _time and _value: export them without pivot() or aggregates by name"
        )
    together = pd.concat(tables, ignore_index=True).fillna("")
    tags = [column for column in together if column not in _OWN | {"_time", "_value", "_measurement", "_field"}]
    tags = [column for column in tags if not str(column).startswith("Unnamed")]
    device = next((tag for tag in tags if tag in {"device", "device_id", "host", "machine", "entity_id"}), None)
    named = ["_field", *(tag for tag in tags if tag != device and together[tag].nunique() > 1)]
    name_of = together["_field"]
    for tag in named[1:]:
        name_of = name_of + " " + together[tag]
    cells = {0: together["_time"], 1: name_of, 2: together["_value"]}
    headings = ["_time", "name", "_value"]
    if device is not None:
        cells[3] = together[device]
        headings.append("device")
    finding = FileFinding("format", "InfluxDB", f"{len(tables)} tables of annotated CSV")
    return TextTable(
        tuple(headings), pd.DataFrame(cells), (finding, FileFinding("decimal", ".", "as InfluxDB writes it"))
    )
