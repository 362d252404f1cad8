"""From wear to failure to repair, and what was planned."""

from collections.abc import Iterable

from msgspec.structs import replace

from energytrack.events import DeviceEvent, Failure, StateChanged
from simulator.machines.arrays import changed
from simulator.machines.faults import MODE_NAMES
from simulator.plant import upkeep
from simulator.plant.factory import FactoryState, Tick
from testkit.builders.plants import a_factory, opened, ticks

CNC = 0


def with_wear(state: FactoryState, mode: str, wear: float, device: int = CNC) -> FactoryState:
    return replace(state, wear=changed(state.wear, (MODE_NAMES.index(mode), device), wear=wear))


def of(device_id: str, steps: Iterable[Tick]) -> list[DeviceEvent]:
    return [event for tick in steps for event in tick.happened if event.device_id == device_id]


def test_a_worn_out_component_fails_trips_is_repaired_and_is_as_new() -> None:
    """In this order, each reported once."""
    factory = a_factory(12)
    device = factory.fleet.devices[CNC].device_id
    steps = list(ticks(factory, with_wear(opened(factory), "bearing_wear", 2.0), 60 * 24, seconds=60))
    reported: list[DeviceEvent] = [event for event in of(device, steps) if not isinstance(event, StateChanged)]
    assert [type(event).__name__ for event in reported[-3:]] == ["Failure", "MaintenanceStarted", "MaintenanceDone"]
    assert getattr(reported[-3], "mode", "") == "bearing_wear"
    assert [getattr(event, "component", "") for event in reported[-3:]] == ["bearing"] * 3
    states = [event.state for event in of(device, steps) if isinstance(event, StateChanged)]
    assert states[states.index("failed") :][:3] == ["failed", "maintenance", "stopped"]
    assert {"running", "idle"} & set(states[states.index("maintenance") :])
    assert steps[-1].state.wear.wear[0, CNC] < 0.7


def test_a_failed_machine_draws_standby_and_one_in_maintenance_nothing() -> None:
    """From the tick that tells of it."""
    factory = a_factory(12)
    for tick in ticks(factory, with_wear(opened(factory), "bearing_wear", 2.0), 60 * 24, seconds=60):
        condition, current = tick.state.upkeep.condition[CNC], tick.state.machines.current[CNC]
        if condition == upkeep.FAILED:
            assert current == factory.fleet.standby_amperes[CNC]
        if condition == upkeep.MAINTENANCE:
            assert current == 0.0


def test_a_failed_machine_fails_only_once() -> None:
    """However long it waits for people."""
    factory = a_factory(12)
    steps = ticks(factory, with_wear(opened(factory), "bearing_wear", 2.0), 600)
    assert sum(isinstance(event, Failure) for tick in steps for event in tick.happened) == 1
