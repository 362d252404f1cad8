"""What a machine uses."""

from typing import Final

from exporters.families import Column, PerDevice, counter, gauge
from exporters.state import DeviceState


def _total(state: DeviceState) -> float | None:
    meter = state.meter
    if meter is None or (meter.register_kwh is None and meter.watts is None and meter.total_joules == 0.0):
        return None  # neither a meter nor a rating: nobody knows
    return meter.total_joules


def _idle(state: DeviceState) -> float | None:
    return None if state.meter is None or _total(state) is None else state.meter.idle_joules


def _power(state: DeviceState) -> float | None:
    return state.meter.watts if state.meter and not state.silent else None


ENERGY: Final[tuple[Column, ...]] = (
    PerDevice(
        counter(
            "energy_joules",
            "Energy used; the meter's register where there is one (so a restart loses nothing), else integrated power.",
        ),
        _total,
    ),
    PerDevice(counter("idle_energy_joules", "The part of the energy that was used in state idle."), _idle),
    PerDevice(
        gauge(
            "power_watts",
            "Active power now, from the current and the ratings of the type; absent while the device is silent.",
        ),
        _power,
    ),
)
