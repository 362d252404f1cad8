"""A file of any kind as content: its format, the findings about it, and what it contains."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from energytrack.importer.cells.columns import roles
from energytrack.importer.cells.dates import EARLIEST_MS, LATEST_MS
from energytrack.importer.cells.layout import TextTable, sheet_of
from energytrack.importer.cells.text import text_of
from energytrack.importer.choices import Choices, FileFinding, UnreadableFile, check
from energytrack.importer.content import Content, Energy, ProducedParts
from energytrack.importer.formats.dsmr import is_dsmr, read_dsmr
from energytrack.importer.formats.espi import is_espi, read_espi
from energytrack.importer.formats.events import events_of, is_events
from energytrack.importer.formats.influx import is_annotated, sheet_of_annotated
from energytrack.importer.formats.long import rows_of
from energytrack.importer.formats.nem12 import is_nem12, read_nem12
from energytrack.importer.formats.packed import MOST_UPLOADED_BYTES, unpacked
from energytrack.importer.formats.table import content_of
from energytrack.importer.formats.wide import rows_of_days
from energytrack.importer.formats.workbook import is_parquet, is_workbook, sheet_of_parquet, sheet_of_workbook
from energytrack.importer.values.rows import Rows

MOST_BYTES: Final = 2_000_000_000
CELL_BYTES: Final = 32
"""At most one cell per this many bytes of the limit, however small a file is: a cell takes some 160 in memory."""
SAMPLES: Final = 6
ONCE: Final = frozenset({"decimal", "labels", "zone", "values", "date_order", "parts_values"})
"""Findings that are shown only once, with their first reason."""


def read_file(path: Path, choices: Choices, *, plant_zone: str) -> Content:
    """The content of a file; raises UnreadableFile, or NotProved with the question to a person."""
    if path.is_dir():
        raise UnreadableFile(path.name, f"it is a folder: name its files, such as {path / '*.csv'}")
    return read_bytes(_bytes(path), path.name, choices, plant_zone=plant_zone, most=MOST_BYTES)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableFile(path.name, f"it has more than {MOST_BYTES:,} bytes: split it by month")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path.name, f"it cannot be read: {error.strerror}") from error


def read_bytes(raw: bytes, name: str, choices: Choices, *, plant_zone: str, most: int = MOST_UPLOADED_BYTES) -> Content:
    """The same for bytes from another source; at most `most` of them once they are unpacked.

    Bytes, text and cells of a large file are released as soon as their next form exists.
    """
    check(choices)
    if not raw.strip():
        raise UnreadableFile(name, "it is empty")
    raw = unpacked(raw, name, most)
    findings: tuple[FileFinding, ...] = ()
    if is_workbook(raw):
        sheet = sheet_of_workbook(raw, name, most // CELL_BYTES, most)
        del raw
    elif is_parquet(raw):
        sheet = sheet_of_parquet(raw, name, most // CELL_BYTES, most)
        del raw
    else:
        text, encoding = text_of(raw, choices, name)
        del raw
        findings = (encoding,)
        head = text[:2000]
        espi = partial(read_espi, most_elements=most // CELL_BYTES)
        for is_it, read in ((is_nem12, read_nem12), (is_dsmr, read_dsmr), (is_espi, espi)):
            if is_it(head):
                content = read(text, name)
                _check_times(content)
                return _renamed(replace(content, findings=(encoding, *content.findings)), choices)
        sheet = sheet_of_annotated(text, name) if is_annotated(head) else sheet_of(text, choices, name)
        del text
    table = _table(sheet, name, choices, plant_zone)
    del sheet
    return _content(table, name, plant_zone, findings)


class _Table(NamedTuple):
    """The content of a sheet, without its cells."""

    held: Rows | Content
    findings: tuple[FileFinding, ...]
    choices: Choices
    rows: int
    samples: tuple[tuple[str, ...], ...]


def _table(sheet: TextTable, name: str, choices: Choices, plant_zone: str) -> _Table:
    if len(sheet.cells) == 0:
        raise UnreadableFile(name, "it has headings and no rows")
    decimal = next((each.value for each in sheet.findings if each.what == "decimal"), None)
    if choices.date_order is None and any(each.what == "epoch" for each in sheet.findings):
        choices = msgspec.structs.replace(choices, date_order="1904")
    as_written = (
        choices if decimal is None or choices.decimal is not None else msgspec.structs.replace(choices, decimal=decimal)
    )
    findings = sheet.findings
    held: Rows | Content
    if is_events(sheet):
        held = events_of(sheet, as_written, name, plant_zone=plant_zone)
    else:
        columns = roles(sheet, as_written)
        findings = (*findings, *columns.findings)
        if columns.wide:
            held = rows_of_days(sheet, columns, as_written, name, plant_zone=plant_zone)
        else:
            held = rows_of(sheet, columns, as_written, name, plant_zone=plant_zone)
    return _Table(held, findings, as_written, len(sheet.cells), _samples(sheet))


def _content(table: _Table, name: str, plant_zone: str, findings: tuple[FileFinding, ...]) -> Content:
    content = (
        table.held
        if isinstance(table.held, Content)
        else content_of(table.held, table.choices, name=name, plant_zone=plant_zone)
    )
    findings_by_name: dict[str, FileFinding] = {}
    for finding in (*findings, *table.findings, *content.findings):
        findings_by_name.setdefault(finding.what if finding.what in ONCE else f"{finding.what}{finding.why}", finding)
    _check_times(content)
    return replace(content, findings=tuple(findings_by_name.values()), rows=table.rows, samples=table.samples)


def _check_times(content: Content) -> None:
    """Raises UnreadableFile for times outside 1900 to 2100: quarter hours up to then would fill the memory."""
    series: list[Energy | ProducedParts] = [*content.energy.values(), *content.parts.values()]
    for each in series:
        if len(each) and (int(each.start_ms.min()) < EARLIEST_MS or int(each.end_ms.max()) > LATEST_MS):
            raise UnreadableFile(content.name, "it has times before 1900 or after 2100: in which unit are they?")


def _samples(sheet: TextTable) -> tuple[tuple[str, ...], ...]:
    rows = sheet.cells if len(sheet.cells) <= SAMPLES else sheet.cells.iloc[[0, 1, 2, -3, -2, -1]]
    return (sheet.headings[:12], *(tuple(map(str, row[:12])) for row in rows.itertuples(index=False)))


def _renamed(content: Content, choices: Choices) -> Content:
    """The content with machines under the names that a person gave them."""
    if choices.device is not None and len(content.machines) == 1:
        renamed = {content.machines[0]: choices.device}
    else:
        renamed = dict(choices.devices)
    return replace(
        content,
        energy={renamed.get(name, name): energy for name, energy in content.energy.items()},
        signals={renamed.get(name, name): signals for name, signals in content.signals.items()},
        parts={renamed.get(name, name): parts for name, parts in content.parts.items()},
    )
