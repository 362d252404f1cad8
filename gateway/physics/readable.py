"""Whether a meter's numbers are plausible at all: byte order, type, voltage and frequency. Pure."""

import math
from collections.abc import Mapping
from typing import Final

from gateway.physics.finding import Finding, MeterSnapshot, scale_into
from gateway.profile import PHASES, VOLTAGES, ByteOrder, MeterProfile, Quantity
from gateway.registers import ORDERS, decode

VOLTS: Final = (90.0, 330.0)
"""Between phase and neutral, from 100 V networks to 277/480 V with what is usual on top."""
HERTZ: Final = (45.0, 65.0)
_RANGES: Final[dict[Quantity, tuple[float, float]]] = {
    "voltage_l1": (1e-3, 1e6),
    "voltage_l2": (1e-3, 1e6),
    "voltage_l3": (1e-3, 1e6),
    "current_l1": (-1e7, 1e7),
    "current_l2": (-1e7, 1e7),
    "current_l3": (-1e7, 1e7),
    "frequency": (1.0, 1e5),
    "energy_kwh": (-1e3, 1e13),
}
"""Wide enough for every wrong scale: what lies outside is no number of that kind at all."""


def unreadable(profile: MeterProfile, snapshot: MeterSnapshot) -> list[Finding]:
    """Meaningless numbers, and why: byte order, number type, or another meter."""
    checked = {quantity: limits for quantity, limits in _RANGES.items() if quantity in snapshot.values}
    senseless = [quantity for quantity, limits in checked.items() if not _sensible(snapshot.values[quantity], limits)]
    if not senseless:
        return []
    shown = ", ".join(f"{quantity} is {snapshot.values[quantity]:.4g}" for quantity in senseless[:3])
    for order in ORDERS:
        if all(_sensible(_again(profile, snapshot, quantity, order), limits) for quantity, limits in checked.items()):
            text = f"read in the order {profile.byte_order}, {shown}; in the order {order} everything makes sense"
            return [Finding("wrong", "byte order", text, f"--byte-order {order}")]
    return [Finding("wrong", "values", shown, "is it this model of meter, and this unit (--unit)?")]


def _sensible(value: float, limits: tuple[float, float]) -> bool:
    return value == 0 or (limits[0] <= value <= limits[1] and abs(value) > 1e-6)


def _again(profile: MeterProfile, snapshot: MeterSnapshot, quantity: Quantity, order: ByteOrder) -> float:
    words = snapshot.words.get(quantity)
    if words is None:
        return math.nan
    number = decode(words, profile.number_type(quantity), order)
    return number * profile.values[quantity].scale


def voltages(values: Mapping[Quantity, float]) -> list[Finding]:
    """What the voltages of the phases and the frequency show, as far as the meter has them."""
    findings = [_voltage(name, volts) for name in PHASES if (volts := values.get(VOLTAGES[name])) is not None]
    hertz = values.get("frequency")
    if hertz is not None and not HERTZ[0] <= hertz <= HERTZ[1]:
        scale = scale_into(hertz, HERTZ)
        remedy = f"--scale frequency={scale:g}" if scale is not None else ""
        findings.append(Finding("wrong", "frequency", f"{hertz:.4g} Hz", remedy))
    return findings


def _voltage(name: str, volts: float) -> Finding:
    subject = f"voltage {name.upper()}"
    if VOLTS[0] <= volts <= VOLTS[1]:
        return Finding("ok", subject, f"{volts:.1f} V between phase and neutral")
    if VOLTS[1] < volts <= VOLTS[1] * math.sqrt(3):
        text = f"{volts:.1f} V: that is a voltage between phases"
        return Finding("wrong", subject, text, "take the register of the voltage between phase and neutral")
    if abs(volts) < 1:
        return Finding("unproven", subject, f"{volts:.1f} V: the phase is off or not connected")
    scale = scale_into(volts, VOLTS)
    if scale is None:
        return Finding("wrong", subject, f"{volts:.4g} V is no voltage between phase and neutral")
    text = f"{volts:.4g} V: off by a factor of {1 / scale:g}"
    return Finding("wrong", subject, text, f"--scale voltage_{name}={scale:g}")
