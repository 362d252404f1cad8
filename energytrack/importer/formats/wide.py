"""One row per day: 24, 92, 96 or 100 columns of a day's values, turned into separate rows."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from energytrack.importer.cells.columns import Roles, clock_in, is_clock, is_energy, unit_in
from energytrack.importer.cells.dates import DAY_MS, NONE
from energytrack.importer.cells.layout import TextTable, separator_of
from energytrack.importer.cells.moments import clocks, moments
from energytrack.importer.cells.numerals import numbers
from energytrack.importer.cells.signs import decimal_sign
from energytrack.importer.cells.totals import check_totals, says_sum, summed_columns, summed_rows
from energytrack.importer.choices import Choices, FileFinding, NotProved
from energytrack.importer.content import Floats, Ints
from energytrack.importer.formats.long import devices_of, known_values
from energytrack.importer.values.parts import counts_parts
from energytrack.importer.values.rates import rate_of
from energytrack.importer.values.row_units import in_one_unit
from energytrack.importer.values.rows import FileColumn, Rows
from energytrack.importer.values.zones import missing, utc_of, zone_named


def rows_of_days(sheet: TextTable, roles: Roles, choices: Choices, name: str, *, plant_zone: str) -> Rows:
    """The rows of a table whose rows are days; raises NotProved."""
    cells = sheet.cells
    day = moments(cells[roles.time], choices)
    sums = [i for i in roles.values if says_sum(sheet.headings[i])]
    totals = (
        *summed_columns(cells, sheet.totals, roles.wide, sheet.headings),
        *(each for i in sums for each in summed_rows(cells, i, roles.wide, sheet.headings)),
    )
    decimal = decimal_sign([cells[i] for i in roles.wide], choices, separator=separator_of(sheet), totals=totals)
    parsed = [numbers(cells[i], decimal.value or ".") for i in roles.wide]
    values = np.column_stack([column for column, _, _ in parsed])
    devices, device = devices_of(sheet, roles, choices, name)
    headings = [sheet.headings[i] for i in roles.wide]
    findings = [*day.findings, decimal, *check_totals(totals, decimal.value or ".")]
    if wrong := sum(count for _, count, _ in parsed):
        example = next(cell for _, count, cell in parsed if count)
        why = f"{wrong:,} cells are not numbers and count as unknown, such as {example!r}"
        findings.append(FileFinding("cells", str(wrong), why))
    if is_clock(headings[0]):
        offsets, finding = _by_clock(headings)
        local = np.where(day.ms[:, None] == NONE, NONE, day.ms[:, None] + offsets)
        has_zone, labels = False, finding.value
        findings.append(finding)
        zone = zone_named(choices.zone or plant_zone)
        findings += _on_short_days(local, values, zone, at_end=labels == "end", is_given=choices.zone is not None)
    else:
        local, has_zone = _in_sequence(day.ms, values, choices, plant_zone), True
        labels = "begin"
        why = "the columns are numbered: a day's values follow each other from midnight on, whatever the clocks do"
        findings += [
            FileFinding("labels", "begin", why),
            FileFinding("zone", choices.zone or plant_zone, "days of the plant"),
        ]
    stated_unit, heading = None, "energy"
    if roles.unit is not None:
        values, stated_unit, left_out = in_one_unit(values, cells[roles.unit], heading, choices)
        findings += left_out
    unit = unit_in(" ".join(sheet.headings[:2]), choices, stated_unit)
    if choices.parts is None and (counts_parts(f"[{stated_unit}]") or any(map(counts_parts, sheet.headings[:3]))):
        unit, heading = None, "parts"
    elif choices.parts:
        unit, heading = None, choices.parts
    elif unit is None:
        raise NotProved("unit", "nothing states the unit of the values", "kWh")
    elif not is_energy(unit) and rate_of(unit) is None:
        heading = f"values [{unit}]"
    flat = known_values(values.ravel(), heading, findings)  # after the above, which sets values to NaN
    has_value = ~np.isnan(flat)
    return Rows(
        local=local.ravel()[has_value],
        has_zone=has_zone,
        device=np.repeat(device, len(headings))[has_value],
        devices=devices,
        key=np.zeros(int(has_value.sum()), dtype=np.int64),
        columns=[FileColumn(heading, unit, flat[has_value])],
        findings=findings,
        declared_labels=labels,
        sequential=has_zone,
    )


def _by_clock(headings: list[str]) -> tuple[Ints, FileFinding]:
    """The time of each column since midnight, and whether it is the beginning or the end of the interval."""
    offsets, at_24 = clocks(pd.Series([clock_in(heading) for heading in headings], dtype=str))
    if "-" in headings[0]:
        return offsets, FileFinding("labels", "begin", f"the columns are intervals such as {headings[0]}")
    if at_24:
        return offsets, FileFinding("labels", "end", "the last column is 24:00")
    if offsets[-1] == 0 and offsets[0] > 0:
        offsets = offsets.copy()
        offsets[-1] = DAY_MS
        return offsets, FileFinding(
            "labels", "end", "the first column is an interval after midnight, the last one 00:00"
        )
    if offsets[0] == 0:
        return offsets, FileFinding("labels", "begin", "the first column is 00:00")
    raise NotProved("labels", "nothing shows whether columns are labelled with the beginning or the end of an interval")


def _on_short_days(
    local: Ints, values: Floats, zone: ZoneInfo, *, at_end: bool, is_given: bool
) -> tuple[FileFinding, ...]:
    """Correct, in place, the days on which clocks skip an hour; returns the findings.

    Their columns of that hour contain zeros that only fill the row, or the day's values follow each other without the
    hour, and the last columns are empty.
    """
    width = int(np.median(np.diff(local, axis=1)))
    begins = np.where(local == NONE, NONE, local - width * at_end)
    never = missing(begins.ravel(), zone).reshape(local.shape) & (local != NONE)
    filled = moved = 0
    for row in np.flatnonzero(never.any(axis=1)).tolist():
        gap = np.flatnonzero(never[row])
        held, beside = values[row, gap], values[row, [gap[0] - 1, (gap[-1] + 1) % values.shape[1]]]
        if np.isnan(held).all():
            continue
        if (held[~np.isnan(held)] == 0).all() and (is_given or (beside > 0).all()):
            values[row, gap] = np.nan
            filled += 1
        elif np.isnan(values[row, -len(gap) :]).all() and not np.isnan(values[row, -len(gap) - 1]):
            local[row, gap[0] :] += len(gap) * width
            moved += 1
    why = f"days on which clocks in {zone} leave out an hour: "
    return (
        *([FileFinding("short days", str(filled), f"{why}zeros in its columns only fill up the row")] * bool(filled)),
        *([FileFinding("short days", str(moved), f"{why}values follow each other without it")] * bool(moved)),
    )


def _in_sequence(days: Ints, values: Floats, choices: Choices, plant_zone: str) -> Ints:
    zone = zone_named(choices.zone or plant_zone)
    none = np.zeros(len(days), dtype=np.bool_)
    dated = days != NONE
    midnight = np.where(dated, utc_of(days, zone, second=none), 0)
    following = np.where(dated, utc_of(np.where(dated, days + DAY_MS, NONE), zone, second=none), DAY_MS)
    columns = values.shape[1]
    width = 3_600_000 if columns <= 25 else 900_000
    places = midnight[:, None] + np.arange(columns) * width
    beyond = (places >= following[:, None]) & ~np.isnan(values)
    if beyond.any() and (values[beyond] == 0).all():  # places that other days need, filled up
        values[beyond] = np.nan
        beyond[:] = False
    if beyond.any():
        row, column = (int(each[0]) for each in np.nonzero(beyond))
        raise NotProved(
            "zone", f"row {row + 1} has a value in column {column + 1}, and its day in {zone} has fewer", "UTC"
        )
    return np.asarray(np.where(dated[:, None], places, NONE), dtype=np.int64)
