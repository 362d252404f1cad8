"""Faults and maintenance in one tick, and their events."""

import numpy as np

from energytrack.events import DeviceEvent, Failure, FaultCode, MaintenanceDone, MaintenanceStarted
from simulator.machines import faults
from simulator.machines.arrays import Bools
from simulator.machines.faults import COMPONENTS, FAILURES, Wear, Wearing
from simulator.machines.rates import Rates
from simulator.plant import upkeep
from simulator.plant.events import EventContext
from simulator.plant.upkeep import Upkeep

WAIT_SECONDS = 1800.0
"""Planned maintenance outside working hours is postponed by this time."""


def attended(
    care: Upkeep, wear: Wear, *, attendance: Bools, present: Bools, dt: float, rates: Rates, occasion: EventContext
) -> tuple[Upkeep, Wear, list[DeviceEvent]]:
    """Maintenance work in `dt` seconds; planned work begins only with `attendance`, by device."""
    events: list[DeviceEvent] = []
    care, due = upkeep.tick_down(care, dt)
    for device in due.tolist():
        rng = occasion.chance(device)
        condition, part = int(care.condition[device]), int(care.part[device])
        if condition == upkeep.MAINTENANCE:
            care, wear = upkeep.finish(care, device, rates, rng), upkeep.renewed(wear, device, part, rng)
            events.append(MaintenanceDone(component=COMPONENTS[part], **occasion.head(device, "maintenance_done")))
            continue
        if condition == upkeep.SOUND:
            if not attendance[device]:
                care = upkeep.postpone(care, device, WAIT_SECONDS / rates.repair_speed)
                continue
            care, part = upkeep.planned_part(care, device, wear, present, rng)
        care = upkeep.begin(care, device, part, rates, rng)
        events.append(MaintenanceStarted(component=COMPONENTS[part], **occasion.head(device, "maintenance_started")))
    return care, wear, events


def befallen(
    care: Upkeep, wearing: Wearing, *, present: Bools, rates: Rates, occasion: EventContext
) -> tuple[Upkeep, list[DeviceEvent]]:
    """Fault codes, and failures with the change of state."""
    events: list[DeviceEvent] = []
    for mode, device in where(wearing.warned):
        severity = float(wearing.wear.wear[mode, device] / wearing.wear.limit[mode, device])
        code = faults.code_of(mode, severity, occasion.chance(device))
        events.append(FaultCode(code=code, **occasion.head(device, "fault_code", str(mode))))
    for (device,) in where(wearing.idle_talk):
        code = faults.idle_talk(present[:, device], occasion.chance(device))
        events.append(FaultCode(code=code, **occasion.head(device, "fault_code", "idle talk")))
    for part, device in where(wearing.failed):
        if care.condition[device] == upkeep.SOUND:
            care = upkeep.trip(care, device, part, rates, occasion.chance(device))
            events.append(Failure(mode=FAILURES[part], component=COMPONENTS[part], **occasion.head(device, "failure")))
    return care, events


def where(mask: Bools) -> list[list[int]]:
    """The indices of true elements, one list for each array."""
    places: list[list[int]] = np.argwhere(mask).tolist() if mask.any() else []
    return places
