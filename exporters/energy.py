"""What a machine uses."""

from typing import Final

from energytrack.energy import JOULES_PER_KWH
from energytrack.metering.values import Meter, Totals
from exporters.families import Column, PerDevice, PerDeviceAndLabel, Row, counter, gauge
from exporters.state import DeviceState


def _known(state: DeviceState) -> Meter | None:
    """The meter; None where there is neither a register nor a rating: nobody knows."""
    meter = state.meter
    if meter is None or (meter.register is None and meter.watts is None and meter.totals.billed == 0.0):
        return None
    return meter


def _total(state: DeviceState) -> float | None:
    meter = _known(state)
    return None if meter is None else meter.totals.billed


def _idle(state: DeviceState) -> float | None:
    meter = _known(state)
    return meter.totals.idle if meter is not None and meter.idle_known else None


def _power(state: DeviceState) -> float | None:
    return state.meter.watts if state.meter and not state.silent else None


def _register(state: DeviceState) -> float | None:
    meter = state.meter
    return None if meter is None or meter.register is None else meter.register.kwh * JOULES_PER_KWH


def _trusted(state: DeviceState) -> float | None:
    meter = state.meter
    return None if meter is None or meter.register is None else float(meter.distrust is None)


def _totals(state: DeviceState) -> Totals | None:
    meter = _known(state)
    return None if meter is None else meter.totals


def _by_verdict(totals: Totals) -> tuple[Row, ...]:
    return (
        (("measured",), totals.measured),
        (("bridged",), totals.bridged),
        (("estimated",), totals.estimated),
        (("suspect",), totals.suspect),
    )


def _by_basis(totals: Totals) -> tuple[Row, ...]:
    return (
        (("measured",), totals.measured_seconds),
        (("bridged",), totals.bridged_seconds),
        (("estimated",), totals.estimated_seconds),
        (("unknown",), totals.unknown_seconds),
    )


ENERGY: Final[tuple[Column, ...]] = (
    PerDevice(
        counter(
            "energy_joules",
            "Energy that counts: measured, bridged and estimated, on top of the register as it was first seen.",
        ),
        _total,
    ),
    PerDevice(
        counter(
            "idle_energy_joules",
            "The part of the energy that was used while idle; absent where neither state nor current tells.",
        ),
        _idle,
    ),
    PerDeviceAndLabel(
        counter(
            "energy_by_verdict_joules",
            "Energy by what it rests on; suspect energy is in no other total.",
            "verdict",
        ),
        _totals,
        _by_verdict,
    ),
    PerDeviceAndLabel(
        counter("energy_coverage_seconds", "Time by what is known of the energy used in it.", "basis"),
        lambda state: state.meter.totals if state.meter else None,
        _by_basis,
    ),
    PerDevice(gauge("register_joules", "The meter's register as it is believed."), _register),
    PerDevice(
        gauge("meter_trusted", "1 where energy is billed from the register, 0 while it is not believed."), _trusted
    ),
    PerDevice(
        gauge(
            "power_watts",
            "Active power now, from the current and the ratings of the type; absent while the device is silent.",
        ),
        _power,
    ),
)
