"""Families of a machine's measured values, state, events and answers to commands."""

from datetime import timedelta
from typing import Final

from energytrack.fields import STATES, State
from exporters.machines.state import DeviceState, Occurrences
from exporters.metrics.families import Column, PerDevice, PerDeviceAndLabel, Row, counter, gauge

HISTORY: Final = timedelta(days=1)
PASCALS_PER_BAR: Final = 1e5

_STATE_SETS: Final[dict[State, tuple[Row, ...]]] = {
    entered: tuple(((each,), 1.0 if each == entered else 0.0) for each in STATES) for entered in STATES
}


def _temperature(state: DeviceState) -> float | None:
    return state.reading.temperature if state.reading else None


def _pressure(state: DeviceState) -> float | None:
    if state.reading is None or state.reading.pressure is None:
        return None
    return state.reading.pressure * PASCALS_PER_BAR


def _current(state: DeviceState) -> float | None:
    return state.reading.current if state.reading else None


def _last_reading(state: DeviceState) -> float | None:
    """Time of the last reading; None if it was a day old on arrival: it does not show when the machine fell silent."""
    if state.reading is None or state.received_at - state.reading.timestamp > HISTORY:
        return None
    return state.reading.timestamp.timestamp()


def _silent(state: DeviceState) -> float:
    return 1.0 if state.silent else 0.0


def _signals(signals: dict[str, float | None]) -> tuple[Row, ...]:
    return tuple(((name,), value) for name, value in signals.items() if value is not None)


def _last(occurrences: Occurrences) -> tuple[Row, ...]:
    return occurrences.last


DEVICES: Final[tuple[Column, ...]] = (
    PerDevice(
        gauge("info", "1 for each device that sent a message within the last day, also while it is silent."),
        lambda _: 1.0,
        lasting=True,
    ),
    PerDevice(
        gauge(
            "last_reading_timestamp_seconds",
            "Timestamp of the last reading. Kept for a day after the device falls silent. Absent for historical "
            "readings.",
        ),
        _last_reading,
        lasting=True,
    ),
    PerDevice(
        gauge(
            "silent",
            "1 while the device is silent: no reading for two of its intervals and at least ten seconds. All its "
            "other values are then as of its last reading.",
        ),
        _silent,
        lasting=True,
    ),
    PerDevice(gauge("temperature_celsius", "Temperature. Absent while the sensor is lost."), _temperature),
    PerDevice(gauge("pressure_pascals", "Pressure of the circuit. Absent while the sensor is lost."), _pressure),
    PerDevice(gauge("current_amperes", "Current, RMS per phase. Absent while the sensor is lost."), _current),
    PerDeviceAndLabel(
        gauge("signal", "Additional signals of a machine, in the plant's own units.", "signal"),
        lambda state: (state.reading.signals or None) if state.reading else None,
        _signals,
    ),
    PerDeviceAndLabel(
        gauge("state", "1 for the last reported state of the device, 0 for the others.", "state"),
        lambda state: state.state,
        _STATE_SETS.__getitem__,
    ),
    PerDevice(counter("failures", "How often the machine has failed."), lambda state: state.failures.count),
    PerDeviceAndLabel(
        gauge("last_failure_timestamp_seconds", "When the device last failed, by failure mode.", "mode"),
        lambda state: state.failures,
        _last,
    ),
    PerDevice(
        counter("fault_codes", "Fault codes reported by the machine's own controller."),
        lambda state: state.fault_codes.count,
    ),
    PerDeviceAndLabel(
        gauge("last_fault_code_timestamp_seconds", "When the controller last reported each fault code.", "code"),
        lambda state: state.fault_codes,
        _last,
    ),
    PerDeviceAndLabel(
        gauge("last_maintenance_timestamp_seconds", "When a component was last repaired or replaced.", "component"),
        lambda state: state.maintenance,
        _last,
    ),
    PerDeviceAndLabel(
        gauge(
            "command_last_result_timestamp_seconds",
            "When the device last answered a command, by action and outcome.",
            "action",
            "outcome",
        ),
        lambda state: state.commands,
        _last,
    ),
)
