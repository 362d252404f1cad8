"""One row per time: the rows of a table as quantities, with the machine of each."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from energytrack.importer.cells.columns import Roles, is_energy, machines_of, unit_in
from energytrack.importer.cells.counts import counts
from energytrack.importer.cells.dates import NONE
from energytrack.importer.cells.layout import TextTable, separator_of
from energytrack.importer.cells.moments import clocks, moments
from energytrack.importer.cells.numerals import numbers, sample, without_sentinels, without_units
from energytrack.importer.cells.signs import decimal_sign
from energytrack.importer.cells.totals import (
    Summed,
    check_totals,
    is_sum_of_others,
    says_sum,
    summed_columns,
    sums_between,
)
from energytrack.importer.cells.units import end_of_interval, identifier, says_utc, unit_of
from energytrack.importer.choices import Choices, FileFinding
from energytrack.importer.content import Floats, Ints
from energytrack.importer.formats.hours import in_hours
from energytrack.importer.values.row_units import in_one_unit
from energytrack.importer.values.rows import FileColumn, Rows

ENDS: Final = 5
"""How many rows at the beginning and at the end may be sums."""


def rows_of(sheet: TextTable, roles: Roles, choices: Choices, name: str, *, plant_zone: str) -> Rows:
    """The rows of a table that is not wide."""
    cells = sheet.cells
    if choices.every_seconds is not None:
        sign = _decimal_of(sheet, [*roles.values, roles.time], choices, (), courses=[roles.time]).value
        time = counts(cells[roles.time], choices, heading=sheet.headings[roles.time], decimal=sign or ".")
    else:
        time = moments(cells[roles.time], choices)
    local, at_24 = time.ms, time.ends_at_24
    if roles.clock is not None:
        clock, clock_24 = clocks(cells[roles.clock])
        local = np.where((local == NONE) | (clock == NONE), NONE, local + clock)
        at_24 = at_24 or clock_24
    until = moments(sheet.cells[roles.until], choices).ms if roles.until is not None and roles.clock is None else None
    heading = sheet.headings[roles.clock or roles.time]
    labels = "begin" if roles.until is not None or time.are_stretches else end_of_interval(heading)
    in_utc = says_utc(sheet.headings[roles.time]) and says_utc(heading)
    counted: Sequence[FileFinding] = ()
    if roles.hour is not None:
        hours = cells[roles.hour]
        local, counted = in_hours(time.ms, hours, choices, heading=sheet.headings[roles.hour], plant_zone=plant_zone)
        labels, in_utc = "begin", True
    devices, device = devices_of(sheet, roles, choices, name)
    key, names = np.zeros(len(cells), dtype=np.int64), [""]
    if roles.key is not None:
        codes, unique = pd.factorize(cells[roles.key])
        key, names = codes.astype(np.int64), [str(each) for each in unique]
    alone = roles.key is None and roles.device is None
    totals = _totals(sheet, roles, local) if alone else ()
    decimal = _decimal_of(sheet, roles.values, choices, totals, courses=roles.values if alone else ())
    findings = [*time.findings, *counted, decimal, *check_totals(totals, decimal.value or ".")]
    has_zone, sequential = time.has_zone or in_utc, roles.hour is not None
    rows = Rows(local, has_zone, device, devices, key, [], findings, at_24, labels, sequential, until=until)
    units = cells[roles.unit] if roles.unit is not None else None
    for i in roles.values:
        plain, own_unit = without_units(cells[i])
        values, wrong, example = numbers(plain, decimal.value or ".")
        values = known_values(values, sheet.headings[i], rows.findings)
        if wrong:
            what = f"{wrong:,} cells of {sheet.headings[i]!r} are not numbers and count as unknown, such as {example!r}"
            rows.findings.append(FileFinding("cells", str(wrong), what))
        if roles.key is None:
            known, stated_unit = _in_one_unit(
                values, units, own_unit, sheet.headings[i], choices, findings=rows.findings
            )
            unit = unit_in(sheet.headings[i], choices, stated_unit, alone=len(roles.values) == 1)
            rows.columns.append(FileColumn(sheet.headings[i], unit, known))
            continue
        for code, each in enumerate(names):
            mine = key == code
            known = np.full(len(values), np.nan)
            own_units = None if units is None else units[mine]
            known[mine], stated_unit = _in_one_unit(
                values[mine], own_units, own_unit, each, choices, findings=rows.findings
            )
            unit = unit_in(each, choices, stated_unit, alone=len(names) == 1) or unit_of(sheet.headings[i])
            rows.columns.append(FileColumn(each, unit, known))
    return _without_total(rows) if alone else rows


def _in_one_unit(
    values: Floats, units: "pd.Series[str] | None", own: str | None, heading: str, choices: Choices, *,
    findings: list[FileFinding],
) -> tuple[Floats, str | None]:  # fmt: skip
    """Values in one unit, and the unit: from the column of units, which may differ by row, or the values' own."""
    if units is None:
        return values, own
    one = in_one_unit(values, units, heading, choices)
    findings += one.findings
    return one.values, one.unit


def known_values(values: Floats, heading: str, findings: list[FileFinding]) -> Floats:
    """Values with sentinels for missing ones as NaN; adds a finding that names them."""
    known = without_sentinels(values)
    if known is not values:
        said = values[np.isnan(known) & ~np.isnan(values)]
        why = f"{len(said):,} cells of {heading!r} are {said[0]:.10g}, which means that there is no value: unknown"
        findings.append(FileFinding("cells", str(len(said)), why))
    return known


def _totals(sheet: TextTable, roles: Roles, local: Ints) -> tuple[Summed, ...]:
    """The rows of sums: those that say so, and those at either end that have no time."""
    undated = np.flatnonzero(local == NONE)
    ends = [int(row) for row in undated if row < ENDS or row >= len(local) - ENDS]
    unnamed = [tuple(sheet.cells.iloc[row]) for row in ends]
    dated = sheet.cells[local != NONE] if len(undated) else sheet.cells
    named = [row for row in unnamed if any(map(says_sum, row))]
    unnamed = [row for row in unnamed if row not in named]
    return (
        *summed_columns(dated, [*sheet.totals, *named], roles.values, sheet.headings),
        *summed_columns(dated, unnamed, roles.values, sheet.headings, are_named=False),
    )


def _without_total(rows: Rows) -> Rows:
    """The rows without dated rows of sums: of all others (first or last row), or of some of the rows above."""
    energy = [column.values for column in rows.columns if is_energy(column.unit)]
    dated = np.flatnonzero(rows.local != NONE)
    if not energy or len(dated) < 2:
        return rows
    inside = sums_between(rows.local, energy)
    if len(inside):
        why = "rows with the time of the row above them, and the sum of those since the last such row, are left out"
        rows.findings.append(FileFinding("totals", str(len(inside)), why))
        rows.local = rows.local.copy()
        rows.local[inside] = NONE
        return rows
    for place in (-1, 0):
        if all(is_sum_of_others(values[dated], place % len(dated)) for values in energy):
            which = "last" if place else "first"
            rows.findings.append(FileFinding("totals", "1", f"the {which} row is the sum of all the others: left out"))
            rows.local = rows.local.copy()
            rows.local[dated[place]] = NONE
            return rows
    return rows


def _decimal_of(
    sheet: TextTable, columns: Sequence[int], choices: Choices, totals: Sequence[Summed], *, courses: Sequence[int]
) -> FileFinding:
    return decimal_sign(
        [without_units(sample(sheet.cells[i]))[0] for i in columns],
        choices,
        separator=separator_of(sheet),
        courses=[sheet.cells[i] for i in courses],
        totals=totals,
    )


def devices_of(sheet: TextTable, roles: Roles, choices: Choices, name: str) -> tuple[list[str], Ints]:
    if roles.device is not None and choices.device is None:
        codes, unique = pd.factorize(sheet.cells[roles.device])
        return machines_of(unique, choices, name), codes.astype(np.int64)
    return [choices.device or identifier(name.rpartition(".")[0] or name)], np.zeros(len(sheet.cells), dtype=np.int64)
