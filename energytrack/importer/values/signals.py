"""Columns that become signals: their names, and temperature, pressure and current in the units of readings."""

from collections.abc import Sequence
from dataclasses import replace

from energytrack.importer.cells.columns import chosen_signals
from energytrack.importer.cells.sensors import (
    SENSORS,
    SHOWN,
    is_unit_like,
    own_sensor,
    sensors_in,
    spelled,
    unknown_unit,
)
from energytrack.importer.cells.units import distinct, signal_name
from energytrack.importer.choices import Choices, FileFinding, NotProved
from energytrack.importer.values.rows import FileColumn


def named_signals(
    columns: Sequence[FileColumn], choices: Choices, findings: list[FileFinding]
) -> Sequence[tuple[str, FileColumn]]:
    """Columns with their names; raises NotProved if a sensor's stated unit is not known."""
    chosen = set(chosen_signals([column.heading for column in columns], choices))
    named: dict[str, FileColumn] = {}
    for column in columns:
        if column.heading not in chosen:
            continue
        name = _name(column, choices, named)
        named[name] = _in_readings_unit(column, name, findings) if name in SENSORS else column
    shown = ", ".join(f"{column.heading!r} is {name}" for name, column in named.items() if column.heading != name)
    if shown:
        why = f"letters, digits and _, without the unit: {shown}"
        findings.append(FileFinding("signals", str(len(named)), why))
    return list(named.items())


def _name(column: FileColumn, choices: Choices, taken: dict[str, FileColumn]) -> str:
    if said := choices.signals.get(column.heading):
        return distinct(said, taken)
    if unknown_unit(column.heading, column.unit):
        raise _not_understood(column)
    own = own_sensor(column.heading, column.unit)
    if own and own not in taken:
        return own
    return distinct(signal_name(column.heading), taken if own else {*taken, *SENSORS})


def _in_readings_unit(column: FileColumn, sensor: str, findings: list[FileFinding]) -> FileColumn:
    unit, scales = spelled(column.unit or ""), SENSORS[sensor]
    if unit not in scales:
        if unit and (unit in SHOWN or is_unit_like(unit)):
            raise _not_understood(column, sensor)
        return column
    wanted = next(iter(scales))
    if unit == wanted:
        return column
    scale = scales[unit]
    why = f"{column.heading!r} is in {SHOWN[unit]}: converted into {SHOWN[wanted]}"
    findings.append(FileFinding("units", sensor, why))
    return replace(column, unit=wanted, values=column.values * scale.factor + scale.added)


def _not_understood(column: FileColumn, sensor: str | None = None) -> NotProved:
    sensor = sensor or sensors_in(column.heading)[0]
    understood = ", ".join(SHOWN[unit] for unit in SENSORS[sensor])
    return NotProved(
        "signals",
        f"{column.heading!r} states {column.unit!r}, and {sensor} is understood in {understood}: convert it in the "
        "file, give the column a name of its own, or leave it out",
        f"{column.heading}=",
    )
