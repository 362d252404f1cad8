"""Encoded readings: the sensors' and the meter's values of some machines at one tick."""

from typing import NamedTuple

import numpy as np

from energytrack.fields import STATES
from energytrack.messages import Reading, encode
from simulator.machines.arrays import Floats
from simulator.machines.fleet import FleetConstants
from simulator.plant.events import moment
from simulator.plant.factory import Tick


class Outgoing(NamedTuple):
    """An encoded reading: its key and its bytes."""

    device_id: str
    value: bytes


def readings(fleet: FleetConstants, tick: Tick, *, which: slice, at_ms: int) -> list[Outgoing]:
    """The encoded readings of the devices `which`, stamped `at_ms`; meters show whole watt hours and never round up."""
    at = moment(at_ms)
    temperature, pressure, current = (_values(tick.values[i, which]) for i in range(3))
    registers = (np.floor(tick.state.machines.energy_kwh[which] * 1000.0) / 1000.0).tolist()
    counts = np.where(fleet.counts_parts, (tick.state.output.parts, tick.state.output.scrap), np.nan)
    parts, scrap = (_values(counts[i, which]) for i in range(2))
    states = [STATES[code] for code in tick.states[which].tolist()]
    return [
        Outgoing(
            device.device_id,
            encode(
                Reading(
                    device_id=device.device_id,
                    timestamp=at,
                    temperature=t,
                    pressure=p,
                    current=c,
                    device_type=device.device_type,
                    line=device.line,
                    energy_kwh=register,
                    state=state,
                    parts=made,
                    scrap=spoiled,
                )
            ),
        )
        for device, t, p, c, register, state, made, spoiled in zip(
            fleet.devices[which], temperature, pressure, current, registers, states, parts, scrap, strict=True
        )
    ]


def _values(column: Floats) -> list[float | None]:
    values: list[float | None] = column.tolist()
    for lost in np.flatnonzero(np.isnan(column)).tolist():
        values[lost] = None
    return values
