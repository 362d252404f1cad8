"""A plant's history, computed with the same steps as the live plant, as a recording for training and backfill."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import numpy as np

from energytrack.events import DeviceEvent, PartsCorrected, PartsFinished
from energytrack.recording import Recording
from simulator.machines.arrays import Floats
from simulator.machines.sensors import SIGNALS
from simulator.plant.events import milliseconds
from simulator.plant.factory import Factory
from simulator.plant.opening import opening

DESCRIPTIONS: Final = {
    "temperature": "drive temperature (degrees Celsius)",
    "pressure": "pressure of the hydraulic or pneumatic circuit (bar)",
    "current": "current (A, RMS per phase)",
    "energy_kwh": "the meter's cumulative register (kWh)",
}


def history(
    factory: Factory,
    *,
    until: datetime,
    days: float,
    horizon_hours: float = 24.0,
    interval_seconds: int = 60,
    meters: bool = False,
    progress: Callable[[float], None] = lambda _: None,
) -> Recording:
    """The `days` before `until`, one reading per device and interval, each a mean over its interval.

    `horizon_hours` is the horizon of a model of this plant. `meters` adds the registers and every change of state,
    which a backfilled database needs and a model does not. A recording has no parts, neither of counters nor of events.
    """
    steps = round(days * 86_400 / interval_seconds)
    end = milliseconds(until)
    start = end - steps * interval_seconds * 1000
    n = len(factory.fleet)
    values = np.empty((len(SIGNALS), steps, n))
    registers = np.empty((steps, n)) if meters else None
    happened: list[DeviceEvent] = []
    state = opening(factory, start)
    moments = start + interval_seconds * 1000 * np.arange(1, steps + 1, dtype=np.int64)
    per_day = 86_400 // interval_seconds
    for step, at_ms in enumerate(moments.tolist()):
        tick = factory.advance(state, at_ms, quiet=not meters)
        state = tick.state
        values[:, step] = tick.values
        happened += (event for event in tick.happened if not isinstance(event, PartsFinished | PartsCorrected))
        if registers is not None:
            registers[step] = state.machines.energy_kwh
        if step % per_day == per_day - 1:
            progress(1.0)
    columns: dict[str, Floats] = {name: values[i].reshape(-1) for i, name in enumerate(SIGNALS)}
    if registers is not None:
        columns["energy_kwh"] = registers.reshape(-1)
    return Recording(
        name=f"simulated plant, seed {factory.seed}",
        interval_seconds=interval_seconds,
        horizon_hours=horizon_hours,
        signals={name: DESCRIPTIONS[name] for name in columns},
        devices=factory.fleet.devices,
        device=np.tile(np.arange(n, dtype=np.int32), steps),
        timestamp=np.repeat(moments, n),
        values=columns,
        events=tuple(happened),
        details={"kind": "simulated by Energy Track", "licence": "Apache-2.0"},
    )
