"""What people do about machines: repairs, and maintenance that was planned."""

from collections.abc import Iterable

import numpy as np
from msgspec.structs import replace

from energytrack.events import DeviceEvent, MaintenanceDone, MaintenanceStarted
from simulator.machines.arrays import changed
from simulator.machines.faults import MODE_NAMES
from simulator.plant import upkeep
from simulator.plant.factory import Factory, FactoryState, Tick
from testkit.builders.plants import MONDAY, NIGHT, SOUND, a_factory, last, opened, ticks

CNC = 0


def with_wear(state: FactoryState, mode: str, wear: float, device: int = CNC) -> FactoryState:
    return replace(state, wear=changed(state.wear, (MODE_NAMES.index(mode), device), wear=wear))


def of(device_id: str, steps: Iterable[Tick]) -> list[DeviceEvent]:
    return [event for tick in steps for event in tick.happened if event.device_id == device_id]


def failed(factory: Factory) -> Tick:
    """The plant a few seconds after a bearing gave way."""
    state = with_wear(opened(factory), "bearing_wear", 2.0)
    return last(ticks(factory, state, 3))


def test_planned_maintenance_takes_the_components_in_turn() -> None:
    """Also on machines that nothing is wrong with."""
    factory = a_factory(12, rates=replace(SOUND, planned_days=0.5))
    steps = list(ticks(factory, opened(factory), 5 * 144, seconds=600))
    device = factory.fleet.devices[CNC].device_id
    done = [event.component for event in of(device, steps) if isinstance(event, MaintenanceDone)]
    assert len(set(done)) == len(factory.fleet.life_hours[np.isfinite(factory.fleet.life_hours[:, CNC]), CNC])


def test_planned_maintenance_waits_for_people() -> None:
    """At night nobody begins it on a line of two shifts."""
    factory = a_factory(12, rates=replace(SOUND, planned_days=0.5))
    begun = [
        event
        for tick in ticks(factory, opened(factory, NIGHT), 120, seconds=60)
        for event in tick.happened
        if isinstance(event, MaintenanceStarted)
    ]
    lines = {factory.fleet.devices[factory.device(event.device_id) or 0].line for event in begun}
    assert lines <= {"machining-b", "shipping"}


def test_faster_repairs_change_nothing_but_their_length() -> None:
    """In a demonstration people are quick."""
    slow, quick = (failed(a_factory(12, rates=replace(SOUND, repair_speed=speed))) for speed in (1.0, 24.0))
    assert slow.state.upkeep.left_seconds[CNC] > 10 * quick.state.upkeep.left_seconds[CNC] > 0


def test_what_people_patch_is_better_but_not_new() -> None:
    """Now and then."""
    factory = a_factory(12)
    wear = with_wear(opened(factory, MONDAY), "tool_wear", 1.0).wear
    after = [upkeep.renewed(wear, CNC, 5, np.random.default_rng(seed)).wear[5, CNC] for seed in range(200)]
    assert set(np.round(after, 2)) == {0.0, 0.3}
    assert np.mean(np.array(after) > 0) < 0.15
