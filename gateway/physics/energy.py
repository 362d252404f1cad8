"""Compares total power with its parts, and the register's slope with the power. Pure."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from energytrack.machines.power import JOULES_PER_KWH
from gateway.physics.finding import NOTHING_FLOWS, SCALES, TOLERANCE, Finding, MeterSnapshot, Phase, phases_of
from gateway.profile import Quantity

SLOPE_TOLERANCE: Final = 0.25
"""Of a register's slope over some seconds: its steps are coarse, and the load changes."""
MOST_KWH: Final = 1e10
MOST_STEP: Final = 1.0
"""kWh; the coarsest registers count whole kWh, and one step of those proves nothing."""


def expected_watts(values: Mapping[Quantity, float]) -> float | None:
    """Total power expected from voltage, current and power factor: the sum of U * I * pf over the phases."""
    factor = values.get("power_factor")
    phases = phases_of(values)
    if factor is None or not phases or not 0 < abs(factor) <= 1.001:
        return None
    return sum(phase.volts * abs(phase.amperes) for phase in phases) * factor


def total(values: Mapping[Quantity, float], phases: Sequence[Phase]) -> list[Finding]:
    power = values.get("power")
    if power is None or not any(abs(phase.amperes) > NOTHING_FLOWS for phase in phases):
        return []
    watts = [phase.watts for phase in phases if phase.watts is not None]
    summed = sum(watts) if len(watts) == len(phases) else None
    expected = summed if summed is not None else expected_watts(values)
    if expected is None or abs(expected) < 1:
        return []
    what = "the sum of the phases" if summed is not None else "U * I * sqrt(3) * power factor"
    ratio = power / expected
    if abs(ratio - 1) <= TOLERANCE:
        return [Finding("ok", "power", f"{power:.4g} W, and {what} is {expected:.4g} W")]
    text = f"{power:.4g} W, but {what} is {expected:.4g} W"
    return [Finding("wrong", "power", text, _ratio_words(ratio, "power"))]


def _ratio_words(ratio: float, quantity: str) -> str:
    if ratio < 0:
        return "the sign differs: a transformer is reversed, or the register counts export as positive"
    for scale in SCALES:
        if abs(ratio * scale - 1) <= TOLERANCE:
            return f"off by a factor of {1 / scale:g}: --scale {quantity}={scale:g}"
    for name, factor in (("one phase instead of three", 1 / 3), ("three times too much", 3.0),
                         ("the voltage between phases instead of phase and neutral", math.sqrt(3)),
                         ("the voltage of a phase instead of that between phases", 1 / math.sqrt(3))):  # fmt: skip
        if abs(ratio / factor - 1) <= TOLERANCE:
            return name
    return "the current transformers' ratio, or the scale"


def register(snapshots: Sequence[MeterSnapshot]) -> list[Finding]:
    """Compare the register's slope with the power over the same seconds."""
    first, last = snapshots[0], snapshots[-1]
    before, after = first.values.get("energy_kwh"), last.values.get("energy_kwh")
    if before is None or after is None:
        return []
    if not 0 <= after <= MOST_KWH:
        return [
            Finding("wrong", "register", f"{after:.6g} kWh is no meter's register", "check its type and byte order")
        ]
    seconds, used = last.seconds - first.seconds, mean_watts(snapshots)
    if used is None or seconds <= 0 or abs(used) < 1:
        text = f"{after:.6g} kWh; without power its unit cannot be judged"
        return [Finding("unproven", "register", text, "switch the machine on and check again")]
    return [_slope(after, after - before, seconds, used)]


def _slope(after: float, rise: float, seconds: float, used: float) -> Finding:
    expected = used * seconds / JOULES_PER_KWH
    if rise == 0:
        text = f"{after:.6g} kWh, and it did not move within {seconds:.0f} s; {expected:.4g} kWh are expected"
        return Finding("unproven", "register", text, f"check for longer: --seconds {_long_enough(used)}")
    ratio = rise / expected
    if abs(ratio - 1) <= SLOPE_TOLERANCE:
        return Finding("ok", "register", f"rose by {rise:.4g} kWh within {seconds:.0f} s, as {used:.4g} W do")
    text = f"rose by {rise:.4g} kWh within {seconds:.0f} s, but {used:.4g} W are {expected:.4g} kWh"
    if ratio < 0:
        remedy = "it runs backwards: the register of export, or reversed transformers"
        return Finding("wrong", "register", text, remedy)
    scale = next((scale for scale in SCALES if abs(ratio * scale - 1) <= SLOPE_TOLERANCE), None)
    if scale is None and rise < MOST_STEP:
        remedy = f"one step of a coarse register? Check for longer: --seconds {_long_enough(used)}"
        return Finding("unproven", "register", text, remedy)
    unit = {0.001: "it counts Wh", 1000.0: "it counts MWh"}.get(scale or 0.0, "its scale is wrong")
    return Finding("wrong", "register", text, f"{unit}: --scale energy_kwh={scale:g}" if scale else "another register?")


def _long_enough(watts: float) -> int:
    """Seconds until a register with steps of 0.1 kWh has made ten of them, from a minute to an hour."""
    return int(min(max(JOULES_PER_KWH / abs(watts), 60), 3600))


def mean_watts(snapshots: Sequence[MeterSnapshot]) -> float | None:
    """The mean power, by trapezoids; None where it is not measured."""
    powers = [snapshot.values.get("power") for snapshot in snapshots]
    seconds = snapshots[-1].seconds - snapshots[0].seconds
    if None in powers or seconds <= 0:
        return None
    joules = sum(
        ((a.values["power"] + b.values["power"]) / 2) * (b.seconds - a.seconds) for a, b in pairwise(snapshots)
    )
    return joules / seconds
