"""Messages and settings for tests: each builder makes a plausible one, and a test gives only what it is about."""

from typing import Any, Final

from energytrack.events import (
    CommandResult,
    DeviceEvent,
    Failure,
    FaultCode,
    MachineRetired,
    MaintenanceDone,
    MaintenanceStarted,
    MeterExchanged,
    MeterSuspect,
    PartsCorrected,
    PartsFinished,
    StateChanged,
)
from energytrack.messages import Command, Insight, Reading
from testkit import dates

NOW: Final = dates.NOW

_EVENTS: dict[str, tuple[type[DeviceEvent], dict[str, Any]]] = {
    "state_changed": (StateChanged, {"state": "running"}),
    "command_result": (CommandResult, {"command_id": "01CMD", "action": "shutdown", "outcome": "done"}),
    "fault_code": (FaultCode, {"code": "W-210"}),
    "failure": (Failure, {"mode": "bearing_wear"}),
    "maintenance_started": (MaintenanceStarted, {"component": "bearing"}),
    "maintenance_done": (MaintenanceDone, {"component": "bearing"}),
    "meter_exchanged": (MeterExchanged, {"reason": "reset", "before_kwh": 48211.0, "after_kwh": 0.0}),
    "machine_retired": (MachineRetired, {"by": "grafana:maria", "reason": "sold"}),
    "parts_finished": (PartsFinished, {"parts": 12.0, "scrap": 1.0}),
    "parts_corrected": (PartsCorrected, {"corrects": "01EVT-parts_finished", "parts": 11.0, "scrap": 1.0}),
    "meter_suspect": (MeterSuspect, {"reason": "blink", "before_kwh": 48211.0, "after_kwh": 0.0}),
}


def a_reading(device_id: str = "cnc-0007", **fields: Any) -> Reading:
    """A running machining centre at NOW."""
    values: dict[str, Any] = {
        "timestamp": NOW,
        "temperature": 61.5,
        "pressure": 5.3,
        "current": 12.4,
        "state": "running",
    }
    return Reading(device_id=device_id, **(values | fields))


def an_event(kind: str = "fault_code", device_id: str = "cnc-0007", **fields: Any) -> DeviceEvent:
    """An event of a kind, which is the tag on the topic."""
    build, values = _EVENTS[kind]
    common: dict[str, Any] = {"event_id": f"01EVT-{kind}", "device_id": device_id, "timestamp": NOW}
    return build(**(common | values | fields))


def an_insight(device_id: str = "cnc-0007", **fields: Any) -> Insight:
    """A machine that is likely to fail, scored at NOW."""
    values: dict[str, Any] = {
        "timestamp": NOW,
        "failure_probability": 0.83,
        "prediction": 1,
        "model_version": dates.version(NOW, "3f9a1c"),
        "scored_at": NOW,
    }
    return Insight(device_id=device_id, **(values | fields))


def a_command(device_id: str = "cnc-0007", **fields: Any) -> Command:
    """An order to shut down, valid for one minute."""
    values: dict[str, Any] = {
        "command_id": "01CMD",
        "action": "shutdown",
        "requested_by": "grafana:maria",
        "reason": "overheating",
        "requested_at": NOW,
        "expires_at": NOW.replace(minute=1),
    }
    return Command(device_id=device_id, **(values | fields))
