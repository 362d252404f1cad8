"""Families of a machine's energy."""

from typing import Final

from energytrack.machines.power import JOULES_PER_KWH
from energytrack.metering.values import Meter, Totals
from exporters.machines.state import DeviceState
from exporters.metrics.families import Column, PerDevice, PerDeviceAndLabel, Row, counter, gauge


def _known_meter(state: DeviceState) -> Meter | None:
    """The meter; None if energy is unknown: not resumed yet, or neither a register nor a rating."""
    meter = state.meter
    if meter is None or not state.resumed or (meter.register is None and meter.watts is None and meter.billed == 0.0):
        return None
    return meter


def _total(state: DeviceState) -> float | None:
    meter = _known_meter(state)
    return None if meter is None else meter.billed


def _idle(state: DeviceState) -> float | None:
    meter = _known_meter(state)
    return meter.idle_joules if meter is not None and meter.record.idle_known else None


def _power(state: DeviceState) -> float | None:
    return state.meter.watts if state.meter and not state.silent else None


def _register(state: DeviceState) -> float | None:
    meter = state.meter
    return None if meter is None or meter.register is None else meter.register.kwh * JOULES_PER_KWH


def _trusted(state: DeviceState) -> float | None:
    meter = state.meter
    return None if meter is None or meter.register is None else float(meter.record.distrust is None)


def _totals(state: DeviceState) -> Totals | None:
    meter = _known_meter(state)
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
            "Energy that counts: measured, bridged and estimated. Starts at the meter's register when it was first "
            "read. After a restart of the exporter, absent until the database answers.",
        ),
        _total,
    ),
    PerDevice(
        counter(
            "idle_energy_joules",
            "The part of the energy that was used while idle. Absent if neither state nor current shows when the "
            "machine is idle.",
        ),
        _idle,
    ),
    PerDeviceAndLabel(
        counter(
            "energy_by_verdict_joules",
            "Energy by verdict: how it was determined. Suspect energy is in no other total.",
            "verdict",
        ),
        _totals,
        _by_verdict,
    ),
    PerDeviceAndLabel(
        counter("energy_coverage_seconds", "Time by basis: how well the energy used in it is known.", "basis"),
        lambda state: state.meter.totals if state.meter and state.resumed else None,
        _by_basis,
    ),
    PerDevice(gauge("register_joules", "The accepted register of the meter."), _register),
    PerDevice(
        gauge("meter_trusted", "1 while energy is counted from the register, 0 while the register is not trusted."),
        _trusted,
    ),
    PerDevice(
        gauge(
            "power_watts",
            "Active power now, from the current and the ratings of the type. Absent while the device is silent.",
        ),
        _power,
    ),
)
