"""The start of a plant in full operation: warm machines in the middle of their jobs, some of them worn."""

from typing import Final

import numpy as np
from msgspec.structs import replace

from energytrack.events import DeviceEvent
from simulator.machines.arrays import changed
from simulator.machines.chance import TICK, generator
from simulator.machines.faults import DEFECT, MODES, Wear
from simulator.machines.fleet import FleetConstants, register_kwh
from simulator.plant.events import moment
from simulator.plant.factory import Factory, FactoryState
from simulator.plant.schedule import PlantSchedule

WARM_UP_SECONDS: Final = 6 * 3600
STEP_SECONDS: Final = 60
DEFECT_HOURS: Final = 60.0
"""Of full stress, from the beginning of a defect to the failure."""
FIRST_MINUTES: Final = 9.0
"""When the first worn machine should fail, and how much later each further one, as a factor."""
LATER: Final = 1.45


def opening(factory: Factory, at_ms: int, *, worn: float = 0.0) -> FactoryState:
    """The plant at `at_ms` after hours without wear.

    Defects are present as usual in such a plant; or, if `worn` is not 0, that share of the machines fails soon, one
    after the other, and all others are in order.
    """
    start = at_ms - WARM_UP_SECONDS * 1000
    state = factory.opened(start)
    if worn > 0:
        then, _ = warmed_up(factory, state, at_ms)  # the machines at work by then
        wear = _worn(factory, state.wear, then.schedule, max(round(worn * len(factory.fleet)), 2))
    else:
        wear = _used(factory, state.wear, start)
    state, _ = warmed_up(factory, replace(state, wear=wear), at_ms)
    registers = register_kwh(factory.fleet, moment(at_ms))
    return replace(state, machines=replace(state.machines, energy_kwh=registers))


def warmed_up(factory: Factory, state: FactoryState, at_ms: int) -> tuple[FactoryState, list[DeviceEvent]]:
    """The plant after a time without simulation: its meters advanced, its machines did not wear.

    Also returns the events of that time, except changes of state, which are reported at the next tick.
    """
    happened: list[DeviceEvent] = []
    steps = max(1, min((at_ms - state.at_ms) // (STEP_SECONDS * 1000), 2000))
    rest = factory.rates.at_rest()
    for step_ms in np.linspace(state.at_ms, at_ms, steps + 1)[1:].round().astype(np.int64).tolist():
        tick = factory.advance(state, step_ms, rates=rest, quiet=True)
        state = replace(tick.state, shown=state.shown)
        happened += tick.happened
    return state, happened


def _used(factory: Factory, wear: Wear, at_ms: int) -> Wear:
    """Defects that began in the time that one usually takes to become a failure."""
    rates = factory.rates
    if rates.wear_speed == 0.0:
        return wear
    rng = generator(factory.seed, TICK, at_ms=at_ms, device=2)
    earlier = np.maximum(wear.hours - DEFECT_HOURS * rates.onset_speed / rates.wear_speed, 0.0)
    began = rng.random(wear.hours.shape) < (wear.hours**2 - earlier**2) / factory.fleet.life_hours**2
    grown = np.exp(rng.uniform(np.log(DEFECT), np.log(0.85), wear.hours.shape))
    return replace(wear, wear=np.where(began, grown, 0.0))


def _worn(factory: Factory, wear: Wear, schedule: PlantSchedule, count: int) -> Wear:
    """Wear machines so that they fail one after the other, the first within minutes.

    Those at work come first, then those left idling, which wear by idling: a machine that is off fails when it is next
    on.
    """
    at_work = factory.fleet.unmanned | schedule.staffed
    ready = np.lexsort((np.arange(len(factory.fleet)), ~schedule.on, ~schedule.staffed, ~factory.fleet.unmanned))
    delay = FIRST_MINUTES * 60.0
    for k, device in enumerate(ready[: min(count, len(ready))].tolist()):
        idles = bool(schedule.on[device] and not at_work[device])
        modes = [m for m in np.flatnonzero(factory.present[:, device]).tolist() if MODES[m].at_idle or not idles]
        if not modes:
            continue
        mode = modes[k % len(modes)]
        stress = MODES[mode].at_idle if idles else _usual_stress(factory.fleet, device, mode)
        growth = MODES[mode].growth_per_hour * stress / 3600.0
        worn = float(np.exp(-growth * factory.rates.wear_speed * delay))
        wear = changed(wear, (mode, device), wear=worn, growth=1.0, limit=1.0, visibility=1.2)
        delay *= LATER
    return wear


def _usual_stress(fleet: FleetConstants, device: int, mode: int) -> float:
    """For a machine that works through jobs and gaps, as in `faults.step`."""
    job, gap = (low + 0.4 * (high - low) for low, high in (fleet.job_seconds[:, device], fleet.gap_seconds[:, device]))
    load = float(fleet.job_load[:, device].mean()) * job / (job + gap)
    return float(MODES[mode].at_idle + (1.0 - MODES[mode].at_idle) * load)
