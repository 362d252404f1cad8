from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from control_api.bulk.rules import Selection, plan
from control_api.devices.rules import Machine, machine_now
from energytrack.machines.state import MachineState
from energytrack.plant import Plant, load_plant
from testkit.builders.control import a_lock, an_order
from testkit.builders.messages import NOW, a_reading, an_event

EVENING = NOW.replace(hour=22, minute=30)


@pytest.fixture(scope="module")
def plant() -> Plant:
    return load_plant(Path("plant.toml"))


def a_machine(plant: Plant, device_id: str, state: str, *, minutes: float = 60, **held: Any) -> Machine:
    """A machine that has been in a state for some minutes and draws 10 A."""
    change: Any = an_event("state_changed", device_id, state=state, timestamp=EVENING - timedelta(minutes=minutes))
    reading = a_reading(device_id, state=state, timestamp=EVENING, current=10.0)
    return machine_now(
        MachineState(device_id, reading=reading, change=change),
        plant=plant,
        now=EVENING,
        silent_after=timedelta(minutes=5),
        lock=held.get("lock"),
        open_order=held.get("open_order"),
    )


def test_a_plan_says_in_words_what_it_would_do(plant: Plant) -> None:
    """How many, what it saves, and who is left out and why."""
    fleet = [
        a_machine(plant, "press-0001", "idle"),
        a_machine(plant, "press-0002", "idle"),
        a_machine(plant, "press-0003", "running"),
        a_machine(plant, "press-0004", "stopped"),
        a_machine(plant, "press-0005", "idle", open_order=an_order()),
    ]
    planned = plan("shutdown", fleet, plant=plant, override=False)
    each = 1.7320508 * 400 * (10.0 - 0.8) * 0.88
    assert planned.saves_watts == pytest.approx(2 * each)
    assert planned.sentence() == (
        f"Stops 2 machines, saves {2 * each / 1000:.1f} kW; 1 is in mid-cycle and is skipped; "
        "1 is already stopped and is skipped; 1 is busy with another order and is skipped."
    )


def test_an_override_takes_the_running_ones_too(plant: Plant) -> None:
    """But not those that are stopped already."""
    fleet = [a_machine(plant, "press-0001", "running"), a_machine(plant, "press-0002", "stopped")]
    planned = plan("shutdown", fleet, plant=plant, override=True)
    assert [step.device_id for step in planned.ordered] == ["press-0001"]


def test_a_locked_machine_is_left_out_of_a_restart(plant: Plant) -> None:
    """Override or not."""
    fleet = [a_machine(plant, "press-0001", "stopped", lock=a_lock())]
    assert plan("restart", fleet, plant=plant, override=True).sentence() == (
        "Restarts no machine; 1 is locked out and is skipped."
    )


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(line="press-shop"), {"press-0001", "press-0002"}),
        (Selection(device_type="cnc_machine"), {"cnc-0001"}),
        (Selection(idle_minutes=30), {"press-0001"}),
        (Selection(line="press-shop", idle_minutes=5), {"press-0001", "press-0002"}),
        (Selection(device_ids=("cnc-0001",)), {"cnc-0001"}),
    ],
)
def test_a_selection_restricts_by_each_of_its_fields(plant: Plant, selection: Selection, expected: set[str]) -> None:
    """Idle for so long: its state is idle, and has been since then."""
    fleet = [
        a_machine(plant, "press-0001", "idle", minutes=45),
        a_machine(plant, "press-0002", "idle", minutes=10),
        a_machine(plant, "cnc-0001", "running", minutes=45),
    ]
    assert {machine.device_id for machine in selection.select(fleet, EVENING)} == expected
