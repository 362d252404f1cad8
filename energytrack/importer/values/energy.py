"""Which columns are energy that machines used, and how much of it counts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from energytrack.importer.cells.columns import is_energy
from energytrack.importer.cells.sensors import own_sensor
from energytrack.importer.cells.units import ENERGY, POWER, meaning, ratio_in
from energytrack.importer.choices import UNITS, Choices, FileFinding, NotProved
from energytrack.importer.content import Floats
from energytrack.importer.values.labels import kind_of
from energytrack.importer.values.rows import FileColumn, Rows


def is_energy_column(column: FileColumn, choices: Choices) -> bool:
    """Whether a column is energy or power; raises NotProved if it is energy of an unknown unit or ratio."""
    heading_meaning = meaning(column.heading)
    if choices.signals.get(column.heading):
        return False
    if column.unit is None and heading_meaning.says_interval:
        raise NotProved("unit", f"{column.heading!r} is energy, but nothing states its unit", "kWh")
    ratio = ratio_in(column.heading) if is_energy(column.unit) else None
    if ratio is not None and choices.amounts != "as_stated":
        raise NotProved(
            "amounts",
            f"{column.heading!r} states {ratio!r}, a transformer ratio, and nothing shows whether its values are "
            "already multiplied by it: if not, multiply them in the file; if so, say that they are right",
            "as_stated",
        )
    is_register = heading_meaning.says_register and own_sensor(column.heading) is None and choices.values == "register"
    return is_energy(column.unit) or (column.unit is None and is_register)


def in_unit(columns: Sequence[FileColumn], choices: Choices, findings: list[FileFinding]) -> list[FileColumn]:
    """Columns with the unit that a person chose instead of the one in their headings.

    A unit of energy applies to energy, one of power to power, and only if the headings agree; otherwise it applies to
    columns without a unit.
    """
    chosen = (choices.unit or "").lower()
    kind = ENERGY if chosen in ENERGY else POWER
    stated = {column.unit for column in columns if column.unit in kind}
    if not chosen or len(stated) != 1 or stated == {chosen}:
        return list(columns)
    (before,) = stated
    why = f"as given; the file says {UNITS.get(str(before), before)}"
    findings.append(FileFinding("unit", UNITS[chosen], why))
    return [replace(column, unit=chosen) if column.unit in kind else column for column in columns]


def without_power(columns: list[FileColumn], choices: Choices, findings: list[FileFinding]) -> list[FileColumn]:
    """The columns without power beside energy, unless a person assigned it to another machine: it would count twice."""
    power = [each for each in columns if each.unit in POWER and each.heading not in choices.devices]
    if not power or len(power) == len(columns):
        return columns
    names = ", ".join(dict.fromkeys(each.heading for each in power))
    why = "power beside energy is a signal: its energy would count twice. If it is another machine's, name that"
    findings.append(FileFinding("power", names[:200], why))
    return [each for each in columns if each not in power]


def without_repeats(columns: list[FileColumn], findings: list[FileFinding]) -> list[FileColumn]:
    """The columns without energy that is fed back, and without tariffs beside their total: energy counts once."""
    kept = []
    for column in columns:
        if meaning(column.heading).is_export:
            findings.append(FileFinding("left out", column.heading, "energy that is fed back is not used"))
        else:
            kept.append(column)
    totals = [column for column in kept if "1.8.0" in column.heading]
    parts = [column for column in kept if "1.8.1" in column.heading or "1.8.2" in column.heading]
    if totals and parts:
        findings.append(FileFinding("left out", ", ".join(p.heading for p in parts), "1.8.0 is the sum of the tariffs"))
        return [column for column in kept if column not in parts]
    return kept


def kind_of_energy(rows: Rows, column: FileColumn, choices: Choices) -> FileFinding:
    """Whether a column's values are of intervals or of a register; raises NotProved."""
    if column.unit in POWER:
        return FileFinding("values", "interval", f"{column.unit} is the mean power of each interval")
    heading_meaning = meaning(column.heading)
    series = rows.series
    return kind_of(
        column.values,
        series,
        choices,
        says_register=heading_meaning.says_register,
        says_interval=heading_meaning.says_interval,
    )


def used_energy(values: Floats, heading: str, findings: list[FileFinding]) -> Floats:
    """Energy used: zero in intervals below zero, in which energy was fed back. Raises NotProved."""
    below = values < 0
    count, known = int(below.sum()), int(np.isfinite(values).sum())
    if not count:
        return values
    if 2 * count > known:
        raise NotProved(
            "signals",
            f"{heading!r} is below zero in {count:,} of {known:,} rows, and energy that is fed back is not used: leave "
            "the column out, or change its sign in the file",
            f"{heading}=",
        )
    why = f"{count:,} values of {heading!r} are below zero: energy that was fed back; none was used"
    findings.append(FileFinding("fed back", str(count), why))
    return np.where(below, 0.0, values)
