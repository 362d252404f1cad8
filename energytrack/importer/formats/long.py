"""A row a moment: the rows of a table as quantities, with the machine of each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from energytrack.importer.cells.columns import Roles, machines_of, unit_in
from energytrack.importer.cells.counts import counts
from energytrack.importer.cells.layout import TextTable, separator_of
from energytrack.importer.cells.moments import NONE, clocks, moments
from energytrack.importer.cells.numerals import decimal_sign, numbers, sample, without_units
from energytrack.importer.cells.units import end_of_interval, identifier, says_utc, unit_of
from energytrack.importer.choices import Choices, FileFinding
from energytrack.importer.content import Ints
from energytrack.importer.formats.hours import in_hours
from energytrack.importer.values.rows import FileColumn, Rows


def rows_of(sheet: TextTable, roles: Roles, choices: Choices, name: str, *, plant_zone: str) -> Rows:
    """The rows of a table that is not wide."""
    cells = sheet.cells
    if choices.every_seconds is not None:
        sign = _decimal_of(sheet, [*roles.values, roles.time], choices, courses=[roles.time]).value
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
    decimal = _decimal_of(sheet, roles.values, choices, courses=roles.values if alone else ())
    findings = [*time.findings, *counted, decimal]
    has_zone, sequential = time.has_zone or in_utc, roles.hour is not None
    rows = Rows(local, has_zone, device, devices, key, [], findings, at_24, labels, sequential, until=until)
    units = cells[roles.unit] if roles.unit is not None else None
    for i in roles.values:
        plain, own_unit = without_units(cells[i])
        values, wrong, example = numbers(plain, decimal.value or ".")
        if wrong:
            what = f"{wrong:,} cells of {sheet.headings[i]!r} are no numbers and not known, such as {example!r}"
            rows.findings.append(FileFinding("cells", str(wrong), what))
        if roles.key is None:
            stated_unit = units.iloc[0] if units is not None else own_unit
            unit = unit_in(sheet.headings[i], choices, stated_unit, alone=len(roles.values) == 1)
            rows.columns.append(FileColumn(sheet.headings[i], unit, values))
            continue
        for code, each in enumerate(names):
            mine = key == code
            stated_unit = units[mine].iloc[0] if units is not None else own_unit
            unit = unit_in(each, choices, stated_unit, alone=len(names) == 1) or unit_of(sheet.headings[i])
            rows.columns.append(FileColumn(each, unit, np.where(mine, values, np.nan)))
    return rows


def _decimal_of(sheet: TextTable, columns: Sequence[int], choices: Choices, *, courses: Sequence[int]) -> FileFinding:
    return decimal_sign(
        [without_units(sample(sheet.cells[i]))[0] for i in columns],
        choices,
        separator=separator_of(sheet),
        courses=[sheet.cells[i] for i in courses],
    )


def devices_of(sheet: TextTable, roles: Roles, choices: Choices, name: str) -> tuple[list[str], Ints]:
    if roles.device is not None and choices.device is None:
        codes, unique = pd.factorize(sheet.cells[roles.device])
        return machines_of(unique, choices, name), codes.astype(np.int64)
    return [choices.device or identifier(name.rpartition(".")[0] or name)], np.zeros(len(sheet.cells), dtype=np.int64)
