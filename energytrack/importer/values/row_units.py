"""Values whose unit is in each row and may differ from row to row, converted into one unit. Pure."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from energytrack.importer.cells.numerals import is_lost
from energytrack.importer.cells.sensors import SENSORS, Scale, spelled
from energytrack.importer.cells.units import ENERGY, POWER
from energytrack.importer.choices import Choices, FileFinding, NotProved
from energytrack.importer.content import Floats

MOST_SHOWN: Final = 5


class OneUnit(NamedTuple):
    """Values in one unit."""

    values: Floats
    """NaN if a row's unit is of another quantity."""
    unit: str | None
    """In lower case; several, separated by commas, if they cannot be converted."""
    findings: tuple[FileFinding, ...] = ()


class _Target(NamedTuple):
    what: str
    unit: str
    scales: Mapping[str, Scale]


def in_one_unit(values: Floats, units: "pd.Series[str]", heading: str, choices: Choices) -> OneUnit:
    """Rows (or rows of several columns) in one unit: kWh for several units of energy, kW for several of power.

    Beside energy, rows with another unit are left out with a finding: gas in m³ is not electricity. Raises NotProved if
    some rows have no unit and others have several.
    """
    codes, unique = pd.factorize(units)
    stated = ["" if is_lost(str(each)) else str(each).strip() for each in unique]
    names = [each.lower() for each in stated]
    known = np.isfinite(values) if values.ndim == 1 else np.isfinite(values).any(axis=1)
    counts = np.bincount(codes[known], minlength=len(names))
    of_values = {name for name, count in zip(names, counts, strict=True) if name and count}
    if len(of_values) <= 1:
        return OneUnit(values, next(iter(of_values or sorted(filter(None, names))), None))
    target = _target(of_values)
    if target is None:
        return OneUnit(values, ", ".join(sorted(of_values)))
    unnamed = sum(int(count) for name, count in zip(names, counts, strict=True) if not name)
    if unnamed and target.what in {"energy", "power"}:
        chosen = (choices.unit or "").lower()
        if chosen not in target.scales:
            why = f"{unnamed:,} rows of {heading!r} state no unit, and the others state several"
            raise NotProved("unit", why, "kWh" if target.what == "energy" else "kW")
        names = [name or chosen for name in names]
        one = target.scales[chosen].factor
        target = _Target(target.what, chosen, {unit: Scale(s.factor / one) for unit, s in target.scales.items()})
    scales = [target.scales.get(name if name in target.scales else spelled(name), Scale(np.nan)) for name in names]
    factor, added = (np.array(each)[codes] for each in zip(*scales, strict=True))
    if values.ndim > 1:
        factor, added = factor[:, None], added[:, None]
    left_out = {
        unit or "none": int(count)
        for unit, count, scale in zip(stated, counts, scales, strict=True)
        if count and np.isnan(scale.factor)
    }
    return OneUnit(values * factor + added, target.unit, _left_out(left_out, heading, target.what))


def _target(units: set[str]) -> _Target | None:
    """The quantity of the values, and the unit to convert them into; None if they are of no known quantity."""
    for what, factors, unit in (("energy", ENERGY, "kwh"), ("power", POWER, "kw")):
        if units & set(factors):
            return _Target(what, unit, {name: Scale(factor) for name, factor in factors.items()})
    for sensor, scales in SENSORS.items():
        if {spelled(each) for each in units} <= set(scales):
            return _Target(sensor, next(iter(scales)), scales)
    return None


def _left_out(counts: Mapping[str, int], heading: str, what: str) -> tuple[FileFinding, ...]:
    if not counts:
        return ()
    rows = sum(counts.values())
    shown = ", ".join(f"{unit} ({count:,})" for unit, count in list(counts.items())[:MOST_SHOWN])
    why = f"{rows:,} rows of {heading!r} whose unit is {shown} are left out: the others are {what}"
    return (FileFinding("left out", str(rows), why),)
