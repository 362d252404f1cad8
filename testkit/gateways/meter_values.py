"""The values of a meter for a three-phase load, and for mistakes in its wiring."""

import math

from gateway.profile import CURRENTS, PHASES, POWERS, VOLTAGES, Quantity


def at_work(
    *,
    volts: float = 230.0,
    amperes: float = 12.0,
    lag: float = 32.0,
    uneven: float = 1.0,
    reversed_: str | None = None,
    swapped: tuple[str, str] | None = None,
) -> dict[Quantity, float]:
    """All values; currents lag by `lag` degrees, and that of L1 is `uneven` times the others'.

    The transformer of `reversed_` is the wrong way round; those of `swapped` are in each other's phase.
    """
    angle = {name: -120.0 * i for i, name in enumerate(PHASES)}
    current = {name: (amperes * (uneven if name == "l1" else 1.0), angle[name] - lag) for name in PHASES}
    if swapped:
        first, second = swapped
        current[first], current[second] = current[second], current[first]
    if reversed_:
        size, at = current[reversed_]
        current[reversed_] = (size, at + 180.0)
    values: dict[Quantity, float] = {"frequency": 50.0, "energy_kwh": 1180.44, "power": 0.0}
    for name in PHASES:
        size, at = current[name]
        watts = volts * size * math.cos(math.radians(angle[name] - at))
        values[VOLTAGES[name]], values[CURRENTS[name]], values[POWERS[name]] = volts, size, watts
        values["power"] += watts
    values["power_factor"] = values["power"] / (volts * sum(size for size, _ in current.values()))
    return values
