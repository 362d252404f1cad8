"""Rows of a table as content: each value with its machine, its time in UTC, and its meaning."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from energytrack.importer.cells.columns import machines_of
from energytrack.importer.cells.dates import NONE
from energytrack.importer.cells.units import ENERGY, POWER, meaning
from energytrack.importer.choices import Choices, FileFinding, NotProved, UnreadableFile
from energytrack.importer.content import (
    Content,
    DatedRates,
    Energy,
    EnergyUnit,
    Floats,
    Ints,
    ProducedParts,
    Rate,
    differences,
)
from energytrack.importer.values.energy import (
    in_unit,
    is_energy_column,
    kind_of_energy,
    used_energy,
    without_power,
    without_repeats,
)
from energytrack.importer.values.labels import LEAST_ROWS, LabelledTimes, labelled
from energytrack.importer.values.lots import parts_of_lots
from energytrack.importer.values.parts import (
    RowInterval,
    follow_no_interval,
    kind_of_count,
    parts_column,
    parts_finding,
    parts_of,
    scrap_column,
    with_scrap,
)
from energytrack.importer.values.rates import stated_rate
from energytrack.importer.values.rows import FileColumn, Rows
from energytrack.importer.values.series import aligned, each_once, summed
from energytrack.importer.values.signals import named_signals
from energytrack.importer.values.zones import in_utc, offset_seconds, zone_named

HOUR_MS: Final = 3_600_000


@dataclass
class _ParsedTable:
    energy: dict[str, Energy] = field(default_factory=dict)
    units: dict[str, EnergyUnit] = field(default_factory=dict)
    signals: dict[str, dict[str, tuple[Ints, Floats]]] = field(default_factory=lambda: defaultdict(dict))
    parts: dict[str, ProducedParts] = field(default_factory=dict)
    findings: list[FileFinding] = field(default_factory=list)


def content_of(rows: Rows, choices: Choices, *, name: str, plant_zone: str) -> Content:
    """The content of rows; raises NotProved."""
    rows = rows.sorted_by_series()
    rows.columns = [column for column in rows.columns if choices.signals.get(column.heading) != ""]
    if not rows.columns:
        raise NotProved("columns", "every column with values is left out")
    rows.columns = in_unit(rows.columns, choices, rows.findings)
    unknown = int((rows.local == NONE).sum())
    if unknown == len(rows.local):
        raise UnreadableFile(name, "no row has a time")
    if unknown:
        rows.findings.append(FileFinding("rows", str(unknown), f"{unknown:,} rows have no time and are left out"))
    made = _ParsedTable()
    counted = parts_column(rows.columns, choices)
    rejected = scrap_column(rows.columns, choices, parts=counted)
    parts = [column for column in rows.columns if column.heading == counted]
    scrap = [column for column in rows.columns if column.heading == rejected]
    rates = {
        i: rate_found
        for i, each in enumerate(rows.columns)
        if (rate_found := stated_rate(each.heading, each.unit, choices))
    }
    priced = [rows.columns[i] for i in rates]
    others = [column for column in rows.columns if column not in parts and column not in scrap and column not in priced]
    energy = [column for column in others if is_energy_column(column, choices)]
    energy = without_power(energy, choices, made.findings)
    others = [column for column in others if column not in energy]
    energy = without_repeats(energy, made.findings)
    kinds = [kind_of_energy(rows, column, choices) for column in energy]
    made.findings += kinds[:1]
    at_any_time = bool(parts) and follow_no_interval(rows.local[rows.local != NONE], rows.series[rows.local != NONE])
    counts = [
        kind_of_count(column.heading, column.values, rows.series, choices, at_any_time=at_any_time) for column in parts
    ]
    made.findings += [rate_found for kind in counts for rate_found in (parts_finding(counted, choices), kind)]
    holds = [FileFinding("values", "interval", "prices and emission factors hold for their interval")] if rates else []
    at_ms, interval = _in_utc(rows, choices, plant_zone, made, [*kinds, *counts, *holds])
    several = len(energy) > 1 and len(rows.devices) == 1 and len(np.unique(rows.key)) == 1
    meters = machines_of([column.heading for column in energy], choices, name) if several else [None] * len(energy)
    for column, kind, meter in zip(energy, kinds, meters, strict=True):
        _add_energy(rows, column, at_ms, made, kind=kind, interval=interval, meter=meter)
    if len(energy) == 1:
        _compare_power(rows, others, at_ms, made)
    for column, kind in zip(parts, counts, strict=True):
        if kind.value == "lots":
            ends = _until(rows, choices, plant_zone)
            _add_lots(rows, column, scrap, (at_ms, at_ms if ends is None else ends), made, zone=zone_named(plant_zone))
            continue
        _add_parts(rows, column, at_ms, made, kind=kind, interval=interval, scrap=scrap)
    made_rates = tuple(_rates_of(rows.columns[i], rate, at_ms, interval, made) for i, rate in rates.items())
    _add_signals(rows, others, at_ms, choices, made)
    signals = {machine: aligned(columns) for machine, columns in made.signals.items()}
    findings = (*rows.findings, *made.findings)
    return Content(
        name, made.energy, signals, made.parts, made.units, made_rates, findings=findings, rows=len(rows.local)
    )


def _in_utc(
    rows: Rows, choices: Choices, plant_zone: str, made: _ParsedTable, kinds: list[FileFinding]
) -> tuple[Ints, RowInterval]:
    series = rows.series
    empty = np.all([np.isnan(column.values) for column in rows.columns], axis=0)
    label: LabelledTimes | None = None
    if any(kind.value == "interval" for kind in kinds):
        zone = zone_named(choices.zone or plant_zone)

        def shown(ms: int) -> tuple[int, ...]:
            return (ms, ms + round(1000 * offset_seconds(zone, ms))) if rows.has_zone else (ms,)

        row_choices = (
            msgspec.structs.replace(choices, labels=None) if rows.sequential else choices
        )  # they are labelled at the beginning
        label = labelled(rows.local, series, row_choices, at_24=rows.at_24, declared=rows.declared_labels, shown=shown)
        made.findings += [label.finding, *label.notes]
        rows.local = label.local
    at_end = label is not None and label.at_end
    if rows.has_zone:
        if not rows.sequential:
            made.findings.append(FileFinding("zone", "UTC", "the times have their zone, or the heading says so"))
        at_ms = rows.local
    else:
        zero = np.all([np.isnan(column.values) | (column.values == 0) for column in rows.columns], axis=0)
        converted = in_utc(rows.local, series, empty, choices, plant_zone=plant_zone, labels_end=at_end, zero=zero)
        made.findings += converted.findings
        at_ms = np.where(converted.dropped, NONE, converted.ms)
    if label is not None:
        made.findings.append(
            FileFinding("interval", f"{label.width_ms / 60_000:g} min", "the usual time between two rows")
        )
        at_ms = np.where((at_ms != NONE) & at_end, at_ms - label.width_ms, at_ms)
    width_ms = 0 if label is None else label.width_ms
    return at_ms, RowInterval(width_ms, width_ms if at_end else 0)


def _add_energy(
    rows: Rows,
    column: FileColumn,
    at_ms: Ints,
    made: _ParsedTable,
    *,
    kind: FileFinding,
    interval: RowInterval,
    meter: str | None,
) -> None:
    """Add the energy of a column; `meter` if the column is a machine of its own."""
    for code, machine in enumerate(rows.devices):
        owner = meter or machine
        mine = (rows.device == code) & (at_ms != NONE) & ~np.isnan(column.values)
        if not mine.any():
            continue
        at, values = at_ms[mine], column.values[mine]
        if kind.value == "register":
            factor = ENERGY.get(column.unit or "kwh", 1.0)
            at, values = each_once(at + interval.shift_ms, values * factor, made.findings)
            made.signals[owner]["energy_kwh"] = (at, values)
            energy, finding = differences(at, values)
            made.findings += finding
        else:
            if column.unit in POWER:
                values = values * POWER[column.unit] * interval.width_ms / HOUR_MS
            else:
                values = values * ENERGY[column.unit or "kwh"]
            at, values = each_once(at, values, made.findings, alone=True)
            values = used_energy(values, column.heading, made.findings)
            energy = Energy(at, at + interval.width_ms, values)
        made.units[owner] = EnergyUnit(column.unit or "kwh")
        before = made.energy.get(owner)
        made.energy[owner] = energy if before is None else summed(before, energy)


def _compare_power(rows: Rows, columns: list[FileColumn], at_ms: Ints, made: _ParsedTable) -> None:
    """Add the ratio of each machine's energy to its power, if there is one column of power, for the known intervals."""
    powers = [column for column in columns if column.unit in POWER and not meaning(column.heading).is_export]
    if len(powers) != 1:
        return
    (power,) = powers
    for code, machine in enumerate(rows.devices):
        mine = (rows.device == code) & (at_ms != NONE) & np.isfinite(power.values)
        energy = made.energy.get(machine)
        if energy is None or machine not in made.units or int(mine.sum()) < LEAST_ROWS:
            continue
        hours = float((energy.end_ms - energy.start_ms)[np.isfinite(energy.kwh)].sum()) / HOUR_MS
        explained = float(power.values[mine].mean()) * POWER[power.unit or "kw"] * hours
        if explained > 0.0 and energy.total > 0.0:
            made.units[machine] = made.units[machine]._replace(beside=energy.total / explained)


def _add_parts(
    rows: Rows, column: FileColumn, at_ms: Ints, made: _ParsedTable, *, kind: FileFinding, interval: RowInterval,
    scrap: list[FileColumn],
) -> None:  # fmt: skip
    counters_of = rows.device if kind.value == "register" else None
    values, rejected = with_scrap(column, scrap, made.findings, counters_of=counters_of)
    for code, machine in enumerate(rows.devices):
        mine = (rows.device == code) & (at_ms != NONE) & ~np.isnan(values)
        if not mine.any():
            continue
        at, own = each_once(at_ms[mine], values[mine], made.findings)
        parts, findings = parts_of(at, own, kind.value, interval)
        made.findings += findings
        if rejected is not None:
            bad, findings = parts_of(*each_once(at_ms[mine], rejected[mine], []), kind.value, interval)
            made.findings += findings
            parts = replace(parts, scrap=bad.count) if len(bad) == len(parts) else parts
        if len(parts):
            made.parts[machine] = parts


def _until(rows: Rows, choices: Choices, plant_zone: str) -> Ints | None:
    """When each row's lot was finished, in UTC; None if there is only one column of times."""
    if rows.until is None or rows.has_zone:
        return rows.until
    empty = np.zeros(len(rows.until), dtype=np.bool_)
    converted = in_utc(rows.until, rows.series, empty, choices, plant_zone=plant_zone, labels_end=True)
    return np.where(converted.dropped, NONE, converted.ms)


def _add_lots(
    rows: Rows, column: FileColumn, scrap: list[FileColumn], times: tuple[Ints, Ints], made: _ParsedTable, *,
    zone: ZoneInfo,
) -> None:  # fmt: skip
    values, rejected = with_scrap(column, scrap, made.findings)
    since_ms, at_ms = times
    endless = int(((since_ms != NONE) & (at_ms == NONE)).sum())
    if endless:
        made.findings.append(FileFinding("rows", str(endless), f"{endless:,} lots have no end and are left out"))
    for code, machine in enumerate(rows.devices):
        mine = (rows.device == code) & (since_ms != NONE) & (at_ms != NONE) & ~np.isnan(values)
        if mine.any():
            bad = None if rejected is None else rejected[mine]
            parts, findings = parts_of_lots(since_ms[mine], at_ms[mine], values[mine], bad, zone)
            made.findings += findings
            if len(parts):
                made.parts[machine] = parts


def _rates_of(column: FileColumn, rate: Rate, at_ms: Ints, interval: RowInterval, made: _ParsedTable) -> DatedRates:
    is_known = (at_ms != NONE) & ~np.isnan(column.values)
    at, values = each_once(at_ms[is_known], column.values[is_known] * rate.factor, made.findings, alone=True)
    return DatedRates(column.heading, rate, at, values, interval.width_ms)


def _add_signals(rows: Rows, columns: list[FileColumn], at_ms: Ints, choices: Choices, made: _ParsedTable) -> None:
    for name, column in named_signals(columns, choices, made.findings):
        for code, machine in enumerate(rows.devices):
            mine = (rows.device == code) & (at_ms != NONE) & (rows.key == rows.key[_first(column)])
            whole = bool(mine.all())  # then nothing is copied
            at, values = each_once(
                at_ms if whole else at_ms[mine], column.values if whole else column.values[mine], made.findings
            )
            if len(at):
                made.signals[machine][name] = (at, values)


def _first(column: FileColumn) -> int:
    valid_rows = np.flatnonzero(~np.isnan(column.values))
    return int(valid_rows[0]) if len(valid_rows) else 0
