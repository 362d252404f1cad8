"""Whether machines can have used the energy of a file: a wrong unit is a factor of 1000. Doubts become questions.

The limits are those that apply to live readings (`energytrack.metering.limits`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from energytrack.importer.cells.units import ENERGY
from energytrack.importer.choices import UNITS, Choices, FileFinding, NotProved, What
from energytrack.importer.content import Content, Energy, EnergyUnit
from energytrack.importer.destinations.past import NOTHING_KNOWN, MachinePast
from energytrack.importer.destinations.used_power import UsedPower, used_power
from energytrack.metering.implausible import WH_RATIO
from energytrack.metering.limits import MARGIN, LimitBasis, Limits, limit_basis, limit_watts
from energytrack.plant import Plant

LEAST_SECONDS: Final = 86_400.0
"""Over a shorter time, energy may be low because the machine did not work."""
NEAR: Final = 1.05
"""The most by which energy and power beside it differ, as a factor, if the unit is right. Kilowatts of quarter hours
taken for kilowatt hours give a factor of 4, and megajoules one of 3.6."""
SOME_WORK: Final = 0.1
"""The least power of a machine at work, as a share of the highest ever seen."""
BY_1000: Final = (("wh", "kwh", "mwh", "gwh"), ("mj", "gj"), ("w", "kw", "mw"))
THE_MOST: Final[Mapping[LimitBasis, str]] = {
    "rating": "the most that its rating allows",
    "current": "the most that its current explains",
    "past": "the most that it used before",
}
MEND: Final = "check the unit, the transformer ratio and the rating of the machine's type in the plant file"


@dataclass(eq=False)
class DoubtfulAmount(NotProved):
    """Energy that a machine can hardly have used. The answer is another unit, or that it is right."""

    unit: str | None = None
    """The unit as understood; None if the format states it."""

    def __str__(self) -> str:
        return f"{self.problem}. Use: {self.flag}{self.otherwise('--amounts as_stated')}"

    @property
    def flag(self) -> str:
        """The flag to add to the command: with another unit than the one in doubt."""
        if self.what != "unit" or self.suggestion is not None:
            return super().flag
        *others, last = (each for each in self.options if each != self.unit)
        return f"--unit {', '.join(others)} or {last}"

    def otherwise(self, how: str) -> str:
        """What to do if nothing is wrong; empty if that is what the question itself proposes."""
        return "" if self.what == "amounts" else f"; or, if {self.unit} is right, {how}"


class _Doubt(NamedTuple):
    why: str
    looks_like: str | None = None
    is_certain: bool = True
    """Whether it becomes a question, not only a finding."""


def needing_past(content: Content, plant: Plant, *, what: What = "auto") -> Sequence[str]:
    """The machines whose past `checked_amounts` needs, because neither the file nor the rating says enough."""
    if what in {"parts", "prices"}:
        return ()
    return [machine for machine, energy in content.energy.items() if _needs_past(machine, energy, content, plant)]


def _needs_past(machine: str, energy: Energy, content: Content, plant: Plant) -> bool:
    used = used_power(energy)
    if used is None:
        return False
    unit, limits = content.units.get(machine), _limits(machine, plant)
    if _beside_power(used, unit, limits) or _beside_current(machine, used, content, limits):
        return False
    if limits.most_watts is None:
        return True
    return _may_be_too_little(used, unit) and (_is_below_standby(used, limits) or not limits.standby_watts)


def checked_amounts(
    content: Content, choices: Choices, plant: Plant, past: Mapping[str, MachinePast], *, what: What = "auto"
) -> tuple[FileFinding, ...]:
    """The findings about odd amounts of energy; raises DoubtfulAmount if a machine can hardly have used one.

    No findings if the file's energy is not wanted.
    """
    if what in {"parts", "prices"}:
        return ()
    findings = []
    for machine, energy in content.energy.items():
        doubt = _doubt(machine, energy, content, plant, past.get(machine, NOTHING_KNOWN))
        if doubt is None:
            continue
        if doubt.is_certain and choices.amounts != "as_stated":
            raise _question(machine, doubt, content)
        ending = ": as stated" if doubt.is_certain else ""
        findings.append(FileFinding("amounts", machine, f"{doubt.why}{ending}"))
    return tuple(findings)


def _question(machine: str, doubt: _Doubt, content: Content) -> DoubtfulAmount:
    unit = content.units.get(machine)
    problem = f"{content.name}: {machine}: {doubt.why}"
    if unit is None:
        mend = "its format states the unit: correct it in the file, or say that it is right"
        return DoubtfulAmount("amounts", f"{problem}; {mend}", "as_stated")
    others = tuple(each for each in UNITS if (each in ENERGY) == (unit.unit in ENERGY))
    if len({each.unit for each in content.units.values() if each.unit in others}) > 1:
        mend = "the file has several units, and none is right for all: correct the heading, or say that it is right"
        return DoubtfulAmount("amounts", f"{problem}; {mend}", "as_stated")
    if doubt.looks_like is None:
        problem += f"; {MEND}"
    return DoubtfulAmount(
        "unit", problem, doubt.looks_like, tuple(UNITS[each] for each in others), UNITS.get(unit.unit, unit.unit)
    )


def _doubt(machine: str, energy: Energy, content: Content, plant: Plant, past: MachinePast) -> _Doubt | None:
    used = used_power(energy)
    if used is None:
        return None
    unit, limits = content.units.get(machine), _limits(machine, plant)
    at = float(energy.end_ms.max()) / 1000.0
    limit, basis = limit_watts(limits, past.habits, at), limit_basis(limits, past.habits, at)
    if basis == "past":
        limit = max(limit, MARGIN * past.habits.most_watts)  # what it used before is possible, despite any setting
    return (
        _beside_power(used, unit, limits)
        or _beside_current(machine, used, content, limits)
        or _too_much(used, unit, limits, limit, basis, is_stated=machine in plant.meters)
        or _too_little(used, unit, limits, limit, past)
    )


def _limits(machine: str, plant: Plant) -> Limits:
    device = plant.device(machine)
    return plant.limits(machine, None if device is None else device.device_type)


def _beside_power(used: UsedPower, unit: EnergyUnit | None, limits: Limits) -> _Doubt | None:
    """A doubt from the file's own column of power, unless the rating shows that the power is what is wrong."""
    if unit is None or unit.beside is None or unit.unit not in ENERGY:
        return None
    ratio = unit.beside
    for name in UNITS:
        if name == unit.unit or name not in ENERGY:
            continue
        factor = ENERGY[unit.unit] / ENERGY[name]
        watts = used.high / factor
        if limits.most_watts is not None and not 0.5 * limits.standby_watts <= watts <= limits.most_watts:
            continue
        is_by_1000 = any(name in row and unit.unit in row for row in BY_1000)
        if (is_by_1000 and _is_about(ratio, factor)) or 1.0 / NEAR <= ratio / factor <= NEAR:
            return _Doubt(f"{_times(ratio)} what the power beside it says: it looks like {UNITS[name]}", UNITS[name])
    return None


def _beside_current(machine: str, used: UsedPower, content: Content, limits: Limits) -> _Doubt | None:
    """A doubt from the file's own column of current, for a machine whose rating is known."""
    signals = content.signals.get(machine)
    amperes = None if signals is None else signals.values.get("current")
    if amperes is None or limits.watts_per_ampere is None or not np.isfinite(amperes).any():
        return None
    explained = float(np.nanmean(np.maximum(amperes, 0.0))) * limits.watts_per_ampere
    if explained <= 0.5 * limits.standby_watts:
        return None
    ratio = used.mean / explained
    unit = content.units.get(machine)
    for steps, factor in ((-1, 1000.0), (1, 0.001)):
        if _is_about(ratio, factor):
            other = _neighbour(unit, steps)
            return _Doubt(f"{_times(ratio)} what the current beside it explains{_looks_like(other)}", other)
    return None


def _too_much(
    used: UsedPower, unit: EnergyUnit | None, limits: Limits, limit: float, basis: LimitBasis, *, is_stated: bool
) -> _Doubt | None:
    if used.highest <= limit:
        return None
    allowed = THE_MOST.get(basis, "the most that the plant file says of it" if is_stated else "")
    if used.usual <= limit or used.mean <= limit:
        if not allowed:
            return None
        above = int((used.watts > limit).sum())
        which = f"{above:,} of {len(used.watts):,} values are above {_power(limit)}, {allowed}"
        return _Doubt(f"{which}; the highest is {_power(used.highest)}", is_certain=False)
    if not allowed:
        usual = f"nothing is known of the machine, and one may use {_power(limit)} (limit_kw in the plant file)"
        return _Doubt(f"{_power(used.mean)} on average; {usual}", is_certain=False)
    other = _neighbour(unit, -1) if _at_work(limits, limit) <= used.high / 1000.0 <= limit else None
    why = f"{_power(used.usual)} is {_times(used.usual / limit)} {allowed}, {_power(limit)}{_looks_like(other)}"
    return _Doubt(why, other, is_certain=other is not None or basis == "rating" or is_stated)


def _at_work(limits: Limits, limit: float) -> float:
    """The least power of a machine at work, in watts: a machine below it is not taken for one in watt hours."""
    if limits.idle_amperes is not None and limits.watts_per_ampere is not None:
        return limits.idle_amperes[0] * limits.watts_per_ampere
    return SOME_WORK * limit / MARGIN


def _too_little(
    used: UsedPower, unit: EnergyUnit | None, limits: Limits, limit: float, past: MachinePast
) -> _Doubt | None:
    other = _neighbour(unit, 1)
    is_below_standby = _is_below_standby(used, limits)
    if not _may_be_too_little(used, unit):
        return None
    if past.usual_watts is not None and _is_about(used.usual / past.usual_watts, 0.001):
        if is_below_standby or not limits.standby_watts:
            return _Doubt(f"{_times(used.usual / past.usual_watts)} what it used before{_looks_like(other)}", other)
        return None
    if is_below_standby and used.highest * 1000.0 >= limits.standby_watts and used.usual * 1000.0 <= limit:
        why = f"{_power(used.highest)} at most, and its rating says {_power(limits.standby_watts)} on standby"
        if used.is_steady:
            return _Doubt(f"{why}: it was switched off, or the unit is {other}", is_certain=False)
        return _Doubt(f"{why}{_looks_like(other)}", other)
    return None


def _may_be_too_little(used: UsedPower, unit: EnergyUnit | None) -> bool:
    return float(used.seconds.sum()) >= LEAST_SECONDS and _neighbour(unit, 1) is not None


def _is_below_standby(used: UsedPower, limits: Limits) -> bool:
    return used.highest < 0.5 * limits.standby_watts


def _is_about(ratio: float, factor: float) -> bool:
    """Whether a ratio is about this factor, a power of 1000, as closely as current and past can tell."""
    low, high = (each / 1000.0 for each in WH_RATIO)
    return low <= ratio / factor <= high


def _neighbour(unit: EnergyUnit | None, steps: int) -> str | None:
    """The unit `steps` factors of 1000 larger (or smaller, if negative); None if there is none."""
    for row in BY_1000:
        if unit is not None and unit.unit in row:
            place = row.index(unit.unit) + steps
            return UNITS[row[place]] if 0 <= place < len(row) else None
    return None


def _looks_like(other: str | None) -> str:
    return "" if other is None else f": it looks like {other}"


def _times(ratio: float) -> str:
    times = max(ratio, 1.0 / ratio)
    shown = f"{times:,.0f}" if times >= 10.0 else f"{times:.2g}"
    return f"{shown} times" if ratio >= 1.0 else f"1/{shown} of"


def _power(watts: float) -> str:
    for unit, factor in (("MW", 1e6), ("kW", 1e3)):
        if watts >= 0.9995 * factor:
            return f"{watts / factor:.3g} {unit}" if watts / factor < 999.5 else f"{watts / factor:,.0f} {unit}"
    return f"{watts:.3g} W"
